"""sarvam."""
