"""The tables of the database; migrations/ makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)

METADATA = MetaData()
ID = String(64)
MAX_TITLE = 255  # characters of a task's title
KEYS = "dragoman_keys"  # the schema, or the SQLite file, of the keys alone

# A deleted task keeps its id and account until no record of it can come any more; everything else is blank.
TASKS = Table(
    "tasks",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, nullable=False),
    Column("dialect", String(32), nullable=False, server_default=""),
    Column("kind", String(32), nullable=False, server_default=""),  # of recording, where an API has several
    Column("reference_id", LargeBinary),  # sealed
    Column("title", LargeBinary),  # sealed
    Column("source_languages", Text, nullable=False, server_default=""),  # joined by commas
    Column("target_languages", Text, nullable=False, server_default=""),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("heard_ms", BigInteger, nullable=False, server_default="0"),
    Column("delete_at_ms", BigInteger, nullable=False),
    Column("deleted_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("emptied", Boolean, nullable=False, server_default=false()),  # deleted, and all its rows are
    Column("failed", Boolean, nullable=False, server_default=false()),
    Column("reason", Text, nullable=False, server_default=""),
    Column("sentences", Integer, nullable=False, server_default="0"),
    Column("unkept", BigInteger, nullable=False, server_default="0"),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("read", Boolean, nullable=False, server_default=false()),
    Column("speakers", LargeBinary),  # sealed: those that were renamed or merged
    Column("audio_ms", BigInteger, nullable=False, server_default="0"),  # of its longest recording
    Column("audio_pieces", Integer, nullable=False, server_default="0"),
    Column("audio_sent", BigInteger, nullable=False, server_default="0"),  # pieces that its edge sent
    Index("tasks_of_account", "account_id", "started_at_ms", "id"),
    Index("tasks_due", "delete_at_ms"),
    Index("tasks_deleted", "deleted_at_ms"),
)
SENTENCES = Table(
    "sentences",
    METADATA,
    Column("task_id", ID, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("track", Integer, primary_key=True),
    Column("utterance", BigInteger, primary_key=True),
    Column("speaker", LargeBinary, nullable=False),  # sealed
    Column("language", String(35), nullable=False),
    Column("text", LargeBinary, nullable=False),  # sealed
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
    Column("text", LargeBinary, nullable=False),  # sealed
    Column("revision", Integer, nullable=False, server_default="0"),  # how often it was translated again
)
# One of a task: wished for with its begin, made once it is over.
SUMMARIES = Table(
    "summaries",
    METADATA,
    Column("task_id", ID, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False),
    Column("state", String(8), nullable=False, server_default="wanted"),  # wanted, done, failed
    Column("error", String(32), nullable=False, server_default=""),
    Column("mode", String(16), nullable=False, server_default=""),
    Column("template", String(64), nullable=False, server_default=""),
    Column("prompt", LargeBinary),  # sealed
    Column("language", String(35), nullable=False, server_default=""),
    Column("plain_text", Boolean, nullable=False, server_default=false()),
    Column("text", LargeBinary),  # sealed
    Column("engine", String(32), nullable=False, server_default=""),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("dropped", Text, nullable=False, server_default=""),  # joined by commas
    Column("input_tokens", BigInteger, nullable=False, server_default="0"),
    Column("output_tokens", BigInteger, nullable=False, server_default="0"),
    Column("made_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("summaries_due", "state", "next_at_ms"),
)
# The outbox: messages of a task, one of each topic; wished for with its begin.
WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("task_id", ID, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(16), primary_key=True, server_default=""),  # "" = the task
    Column("message_id", ID, nullable=False),
    Column("url", LargeBinary, nullable=False),  # sealed
    Column("state", String(8), nullable=False, server_default="waiting"),  # waiting, sent, given_up
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("webhooks_due", "state", "next_at_ms"),
)
# Pieces of recordings; the sealed audio is in the store. Frames are of 60 ms; pieces never overlap;
# the last one says at which sample the track ends.
AUDIO_PIECES = Table(
    "audio_pieces",
    METADATA,
    Column("task_id", ID, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("track", Integer, primary_key=True),
    Column("start_frame", BigInteger, primary_key=True),
    Column("frames", Integer, nullable=False),
    Column("silence_frames", BigInteger, nullable=False, server_default="0"),  # before it, by the client
    Column("bytes", Integer, nullable=False),  # of its page's body
    Column("end_sample", BigInteger, nullable=False, server_default="0"),
)
# Deleted tasks of which the store may still have pieces.
AUDIO_GARBAGE = Table("audio_garbage", METADATA, Column("task_id", ID, primary_key=True))
# Voices that clients have enrolled. Their keys stand with those of tasks, under the speaker's id.
ENROLLED_SPEAKERS = Table(
    "enrolled_speakers",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, nullable=False),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("print", LargeBinary, nullable=False),  # sealed
    Column("spoken_ms", Integer, nullable=False),
    Column("enrolled_at_ms", BigInteger, nullable=False),
    Column("delete_at_ms", BigInteger, nullable=False),
    Index("enrolled_speakers_of_account", "account_id", "enrolled_at_ms"),
    Index("enrolled_speakers_due", "delete_at_ms"),
)
ACCOUNT_KEYS = Table(
    "account_keys",
    METADATA,
    Column("account_id", ID, primary_key=True),
    Column("operator_key", String(16), nullable=False),  # id of the key that has wrapped it
    Column("wrapped", LargeBinary, nullable=False),
    schema=KEYS,
)
TASK_KEYS = Table(
    "task_keys",
    METADATA,
    Column("task_id", ID, primary_key=True),
    Column("account_id", ID, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Index("task_keys_of_account", "account_id"),
    schema=KEYS,
)
