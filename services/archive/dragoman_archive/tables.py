"""The tables of the database; migrations/ makes them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()
ID = String(64)

# A deleted task keeps its id and account until no record of it can come any more; everything else is blank.
TASKS = Table(
    "tasks",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, nullable=False),
    Column("dialect", String(32), nullable=False, server_default=""),
    Column("reference_id", Text, nullable=False, server_default=""),
    Column("source_languages", Text, nullable=False, server_default=""),  # joined by commas
    Column("target_languages", Text, nullable=False, server_default=""),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("delete_at_ms", BigInteger, nullable=False),
    Column("deleted_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("sentences", Integer, nullable=False, server_default="0"),
    Column("unkept", BigInteger, nullable=False, server_default="0"),
    Index("tasks_of_account", "account_id", "started_at_ms", "id"),
    Index("tasks_due", "delete_at_ms"),
)
SENTENCES = Table(
    "sentences",
    METADATA,
    Column("task_id", ID, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("track", Integer, primary_key=True),
    Column("utterance", BigInteger, primary_key=True),
    Column("speaker", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("text", Text, nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("confidence", Float, nullable=False),
    Index("sentences_in_order", "task_id", "start_ms", "track", "utterance"),
)
# A translation may be stored before its sentence.
TRANSLATIONS = Table(
    "translations",
    METADATA,
    Column("task_id", ID, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("track", Integer, primary_key=True),
    Column("utterance", BigInteger, primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("text", Text, nullable=False),
)
