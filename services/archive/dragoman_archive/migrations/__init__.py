"""Alembic's migrations: a file for each version of the tables."""
