"""Webhooks: a client's server is told that a task is over."""
