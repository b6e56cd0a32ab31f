"""Tasks with their sentences and translations, and their keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
KEYS = "dragoman_keys"


def upgrade() -> None:
    """Make the tables."""
    _tasks()
    _texts()
    _keys()


def _tasks() -> None:
    identity = sa.String(64)
    blank: dict[str, Any] = {"nullable": False, "server_default": ""}
    zero: dict[str, Any] = {"nullable": False, "server_default": "0"}
    no: dict[str, Any] = {"nullable": False, "server_default": sa.false()}
    op.create_table(
        "tasks",
        sa.Column("id", identity, primary_key=True),
        sa.Column("account_id", identity, nullable=False),
        sa.Column("dialect", sa.String(32), **blank),
        sa.Column("kind", sa.String(32), **blank),
        sa.Column("reference_id", sa.LargeBinary),
        sa.Column("title", sa.LargeBinary),
        sa.Column("source_languages", sa.Text, **blank),
        sa.Column("target_languages", sa.Text, **blank),
        sa.Column("started_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger, **zero),
        sa.Column("heard_ms", sa.BigInteger, **zero),
        sa.Column("delete_at_ms", sa.BigInteger, nullable=False),
        sa.Column("deleted_at_ms", sa.BigInteger, **zero),
        sa.Column("emptied", sa.Boolean, **no),
        sa.Column("failed", sa.Boolean, **no),
        sa.Column("reason", sa.Text, **blank),
        sa.Column("sentences", sa.Integer, **zero),
        sa.Column("unkept", sa.BigInteger, **zero),
        sa.Column("pinned", sa.Boolean, **no),
        sa.Column("read", sa.Boolean, **no),
    )
    op.create_index("tasks_of_account", "tasks", ["account_id", "started_at_ms", "id"])
    op.create_index("tasks_due", "tasks", ["delete_at_ms"])
    op.create_index("tasks_deleted", "tasks", ["deleted_at_ms"])


def _texts() -> None:
    identity = sa.String(64)
    op.create_table(
        "sentences",
        sa.Column("task_id", identity, sa.ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("track", sa.Integer, primary_key=True),
        sa.Column("utterance", sa.BigInteger, primary_key=True),
        sa.Column("speaker", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
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
        sa.Column("text", sa.LargeBinary, nullable=False),
    )


def _keys() -> None:
    identity = sa.String(64)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {KEYS}")
    op.create_table(
        "account_keys",
        sa.Column("account_id", identity, primary_key=True),
        sa.Column("operator_key", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        schema=KEYS,
    )
    op.create_table(
        "task_keys",
        sa.Column("task_id", identity, primary_key=True),
        sa.Column("account_id", identity, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        schema=KEYS,
    )
    op.create_index("task_keys_of_account", "task_keys", ["account_id"], schema=KEYS)


def downgrade() -> None:
    """Remove the tables."""
    for table in ("translations", "sentences", "tasks"):
        op.drop_table(table)
    for table in ("task_keys", "account_keys"):
        op.drop_table(table, schema=KEYS)
