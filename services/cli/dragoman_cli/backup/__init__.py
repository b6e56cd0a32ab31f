"""Backups of a mesh: what they hold, how they are made and written back."""
