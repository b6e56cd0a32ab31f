"""Names of speakers, and translations that were made again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("tasks", sa.Column("speakers", sa.LargeBinary))
    op.add_column("translations", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove the columns."""
    op.drop_column("translations", "revision")
    op.drop_column("tasks", "speakers")
