"""Translation of final transcripts."""
