"""Going on with a session: its checkpoints, and reading back what was missed."""
