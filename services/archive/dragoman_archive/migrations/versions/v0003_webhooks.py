"""The outbox of webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    task = sa.ForeignKey("tasks.id", ondelete="CASCADE")
    op.create_table(
        "webhooks",
        sa.Column("task_id", sa.String(64), task, primary_key=True),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("url", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="waiting"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at_ms", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("webhooks_due", "webhooks", ["state", "next_at_ms"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("webhooks")
