"""The other services as the edge asks them, and what edges remember together."""
