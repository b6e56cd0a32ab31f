"""Revisions of summaries that were made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("summaries", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("summaries", "revision")
