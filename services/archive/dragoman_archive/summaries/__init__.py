"""Summaries of kept sessions: engines, their prompts, and the work that is done with them."""
