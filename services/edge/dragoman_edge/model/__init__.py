"""Commands, events and requests of a session, free of any dialect, socket or bus."""
