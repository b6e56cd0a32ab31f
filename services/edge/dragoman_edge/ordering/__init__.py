"""The order of a session's results: each once, gaps filled with failures. Pure."""
