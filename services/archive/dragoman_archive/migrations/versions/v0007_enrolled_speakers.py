"""The table of enrolled speakers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "enrolled_speakers",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("print", sa.LargeBinary, nullable=False),
        sa.Column("spoken_ms", sa.Integer, nullable=False),
        sa.Column("enrolled_at_ms", sa.BigInteger, nullable=False),
        sa.Column("delete_at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("enrolled_speakers_of_account", "enrolled_speakers", ["account_id", "enrolled_at_ms"])
    op.create_index("enrolled_speakers_due", "enrolled_speakers", ["delete_at_ms"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("enrolled_speakers")
