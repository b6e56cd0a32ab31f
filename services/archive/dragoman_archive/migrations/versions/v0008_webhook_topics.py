"""Several webhooks of a task, one of each topic; the number of pieces that a recording is to have."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COPY = (
    "INSERT INTO webhooks (task_id, message_id, url, state, tries, next_at_ms) "
    "SELECT task_id, message_id, url, state, tries, next_at_ms FROM webhooks_before"
)


def upgrade() -> None:
    """Add the columns; the topic is part of the key."""
    op.add_column("tasks", sa.Column("audio_sent", sa.BigInteger, nullable=False, server_default="0"))
    _make_anew(sa.Column("topic", sa.String(16), primary_key=True, server_default=""))


def downgrade() -> None:
    """Remove them; messages of other topics than the task go."""
    op.execute("DELETE FROM webhooks WHERE topic != ''")
    _make_anew()
    op.drop_column("tasks", "audio_sent")


def _make_anew(*topic: Any) -> None:
    """SQLite changes no key of a table that is there."""
    op.drop_index("webhooks_due", "webhooks")
    op.rename_table("webhooks", "webhooks_before")
    op.create_table(
        "webhooks",
        sa.Column("task_id", sa.String(64), sa.ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
        *topic,
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("url", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="waiting"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at_ms", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.execute(COPY)
    op.drop_table("webhooks_before")
    op.create_index("webhooks_due", "webhooks", ["state", "next_at_ms"])
