"""The archive of kept sessions; the only service that talks to the database."""
