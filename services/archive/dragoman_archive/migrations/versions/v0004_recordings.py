"""Pieces of recordings, and what of them is still to be removed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and columns."""
    task = sa.ForeignKey("tasks.id", ondelete="CASCADE")
    op.create_table(
        "audio_pieces",
        sa.Column("task_id", sa.String(64), task, primary_key=True),
        sa.Column("track", sa.Integer, primary_key=True),
        sa.Column("start_frame", sa.BigInteger, primary_key=True),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("silence_frames", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("end_sample", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table("audio_garbage", sa.Column("task_id", sa.String(64), primary_key=True))
    op.add_column("tasks", sa.Column("audio_ms", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("audio_pieces", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove the tables and columns."""
    op.drop_column("tasks", "audio_pieces")
    op.drop_column("tasks", "audio_ms")
    op.drop_table("audio_garbage")
    op.drop_table("audio_pieces")
