"""Summaries of tasks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    blank: dict[str, Any] = {"nullable": False, "server_default": ""}
    zero: dict[str, Any] = {"nullable": False, "server_default": "0"}
    task = sa.ForeignKey("tasks.id", ondelete="CASCADE")
    op.create_table(
        "summaries",
        sa.Column("task_id", sa.String(64), task, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="wanted"),
        sa.Column("error", sa.String(32), **blank),
        sa.Column("mode", sa.String(16), **blank),
        sa.Column("template", sa.String(64), **blank),
        sa.Column("prompt", sa.LargeBinary),
        sa.Column("language", sa.String(35), **blank),
        sa.Column("plain_text", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("text", sa.LargeBinary),
        sa.Column("engine", sa.String(32), **blank),
        sa.Column("level", sa.Integer, **zero),
        sa.Column("dropped", sa.Text, **blank),
        sa.Column("input_tokens", sa.BigInteger, **zero),
        sa.Column("output_tokens", sa.BigInteger, **zero),
        sa.Column("made_at_ms", sa.BigInteger, **zero),
        sa.Column("tries", sa.Integer, **zero),
        sa.Column("next_at_ms", sa.BigInteger, **zero),
    )
    op.create_index("summaries_due", "summaries", ["state", "next_at_ms"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("summaries")
