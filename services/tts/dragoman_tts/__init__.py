"""Speech synthesis of translations."""
