"""Alembic's environment: it migrates over the connection that `database` gives it."""

from alembic import context

from dragoman_archive.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
