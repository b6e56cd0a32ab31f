"""The Pinch real-time API."""
