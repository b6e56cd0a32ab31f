"""pinch."""
