"""Tasks with their sentences and translations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    identity = sa.String(64)
    op.create_table(
        "tasks",
        sa.Column("id", identity, primary_key=True),
        sa.Column("account_id", identity, nullable=False),
        sa.Column("dialect", sa.String(32), nullable=False, server_default=""),
        sa.Column("reference_id", sa.Text, nullable=False, server_default=""),
        sa.Column("source_languages", sa.Text, nullable=False, server_default=""),
        sa.Column("target_languages", sa.Text, nullable=False, server_default=""),
        sa.Column("started_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("delete_at_ms", sa.BigInteger, nullable=False),
        sa.Column("deleted_at_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("sentences", sa.Integer, nullable=False, server_default="0"),
        sa.Column("unkept", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("tasks_of_account", "tasks", ["account_id", "started_at_ms", "id"])
    op.create_index("tasks_due", "tasks", ["delete_at_ms"])
    op.create_table(
        "sentences",
        sa.Column("task_id", identity, sa.ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("track", sa.Integer, primary_key=True),
        sa.Column("utterance", sa.BigInteger, primary_key=True),
        sa.Column("speaker", sa.Text, nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
    )
    op.create_index("sentences_in_order", "sentences", ["task_id", "start_ms", "track", "utterance"])
    op.create_table(
        "translations",
        sa.Column("task_id", identity, sa.ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("track", sa.Integer, primary_key=True),
        sa.Column("utterance", sa.BigInteger, primary_key=True),
        sa.Column("language", sa.String(35), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("translations", "sentences", "tasks"):
        op.drop_table(table)
