"""Records of kept sessions from the stream into the database: in any order, each once."""

import asyncio
import time
from contextlib import suppress
from weakref import WeakValueDictionary

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive import speakers, translations
from dragoman_archive.sealing import TaskKey
from dragoman_archive.summaries import stored
from dragoman_archive.tables import MAX_TITLE, SENTENCES, TASKS
from dragoman_archive.vault import Vault
from dragoman_archive.webhooks import outbox
from dragoman_contract import codec, subjects
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_contract.rpc import AudioPiece, KeptChange, KeptRecord, KeptSentence, TaskBegun, TaskEnded
from dragoman_kit import streams
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.work import Poison, Worker, WorkSettings

log = get(__name__)
BEFORE_S = (0, 0.01, 0.02, 0.05, 0.1)  # between looks for older records, which may be in hand here
DAY_MS = 24 * 3_600_000
Kept = KeptRecord | AudioPiece
STORED = Counter("dragoman_archive_records_total", "Records of kept sessions by outcome", ["outcome"])
for _outcome in ("stored", "of_deleted_task"):
    STORED.labels(_outcome)


class Intake:
    """Takes records from the stream; each is acknowledged when the database has it."""

    def __init__(self, bus: Bus, vault: Vault) -> None:
        self._bus = bus
        self._vault = vault
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def worker(self, concurrency: int) -> Worker:
        """The consumer, ready to run. A record is never given up because the database is away: it waits."""
        settings = WorkSettings(
            consumer=streams.KEPT, concurrency=concurrency, handler_timeout_s=60, max_deliver=1_000_000
        )
        return Worker(self._bus, settings, self.handle, self.give_up)

    async def handle(self, msg: Msg) -> None:
        """Store one record.

        Raises:
            Poison: it is no record, or not one that can be stored.
            MeshError: the database is away.
        """
        record = _parse(msg)
        if record.ended is not None or _is_of_sentence(record.change):
            await self._check_whole(msg)
        turn = self._turns.setdefault(record.session_id, asyncio.Lock())
        try:
            async with turn:  # the end of a session is stored behind everything before it
                kept = await store(self._vault, record)
        except (IntegrityError, DataError) as exc:
            raise Poison(type(exc).__name__) from exc
        STORED.labels("stored" if kept else "of_deleted_task").inc()

    async def _check_whole(self, msg: Msg) -> None:
        """Let nothing of a session be behind this record, not what a replica had in hand when it died.

        Raises:
            MeshError: `UNAVAILABLE`, when something before it is not stored yet.
        """
        for wait_s in BEFORE_S:
            await asyncio.sleep(wait_s)
            if not await self._is_behind(msg):
                return
        raise MeshError(FaultCode.UNAVAILABLE, "records of the session are on their way", retry_after_ms=500)

    async def _is_behind(self, msg: Msg) -> bool:
        """Whether the stream has an older record of the session; no answer is taken for none."""
        try:
            first = await self._bus.js.get_msg(subjects.KEPT_STREAM, seq=1, subject=msg.subject, next=True)
        except NotFoundError:
            return False
        except (NatsError, TimeoutError) as exc:
            log.warning("older records not looked for", error=type(exc).__name__)
            return False
        return (first.seq or 0) < msg.metadata.sequence.stream

    async def give_up(self, msg: Msg, reason: str) -> None:
        """Put what cannot be stored where an operator finds it."""
        session = msg.subject.rpartition(".")[2]
        log.error("record refused", session=session, reason=reason)
        await self._bus.dead_letter("archive", session, msg, reason)


def _is_of_sentence(change: KeptChange | None) -> bool:
    """Whether it changes a sentence, which has to be stored before it."""
    return change is not None and change.speakers is not None and change.speakers.kind in speakers.OF_SENTENCE


def _parse(msg: Msg) -> KeptRecord:
    try:
        record = codec.decode(KeptRecord, msg.data)
        subjects.kept_id(record)
    except (PeerError, TypeError) as exc:
        raise Poison("malformed") from exc
    if record.session_id != msg.subject.rpartition(".")[2]:
        raise Poison("the record is of another session than its subject")
    if not is_safe_token(record.session_id) or not is_safe_token(record.account_id) or record.days < 1:
        raise Poison("malformed")
    return record


async def store(vault: Vault, record: KeptRecord) -> bool:
    """Store a record, and its task with the first one; False: the task is deleted, or its time is over.

    Raises:
        Poison: the task is another account's.
        MeshError: `UNAVAILABLE`.
    """
    if delete_at(record) <= time.time() * 1000:
        return False
    if await _stored(vault, record):
        return True
    # A key is stored before anything is sealed with it: the two SQLite files are not written at one moment.
    lost = record.ended is not None and record.ended.lost  # of a session that may not be kept at all
    return not lost and await begin_task(vault, record) is not None and await _stored(vault, record)


async def _stored(vault: Vault, record: KeptRecord) -> bool:
    """Store a record of a task that has begun: one transaction; False: it has not, or is deleted."""
    async with vault.database.writing() as connection:
        alive = await locked(connection, record)
        key = await vault.key(connection, record.session_id) if alive else None
        if key is not None:
            await _add(vault, connection, key, record)
        return key is not None


async def begin_task(vault: Vault, record: Kept) -> TaskKey | None:
    """Store the task of a record, and make its key; None: the task is deleted.

    Raises:
        Poison: the task is another account's.
        MeshError: `UNAVAILABLE`.
    """
    task = vault.database.insert(TASKS).values(
        id=record.session_id,
        account_id=record.account_id,
        started_at_ms=record.started_at_ms,
        delete_at_ms=delete_at(record),
    )
    async with vault.database.writing() as connection:
        await connection.execute(task)
        if not await locked(connection, record):
            return None
        await vault.make(connection, record.account_id, record.session_id)
        return await vault.key(connection, record.session_id)


async def locked(connection: AsyncConnection, record: Kept) -> bool:
    """Whether the task is there: locked until the end, so that one that is being deleted stays deleted.

    Raises:
        Poison: the task is another account's.
    """
    found = select(TASKS.c.account_id, TASKS.c.deleted_at_ms).where(TASKS.c.id == record.session_id)
    row = (await connection.execute(found.with_for_update())).one_or_none()
    if row is not None and row.account_id != record.account_id:
        raise Poison("the task is another account's")
    return row is not None and not row.deleted_at_ms


async def _add(vault: Vault, connection: AsyncConnection, key: TaskKey, record: KeptRecord) -> None:
    if record.sentence is not None:
        await _add_sentence(vault, connection, key, record.sentence)
    if record.translation is not None:
        await translations.add(vault.database, connection, key, record.translation)
    if record.begun is not None:
        await _begin(connection, key, record.begun)
        if record.begun.summary is not None:
            await stored.want(vault, connection, key, record.begun.summary)
        if record.begun.callback_url:
            wish = record.begun
            await outbox.want(vault, connection, key, wish.callback_url, wish.callback_topics)
    if record.change is not None:
        await _change(connection, key, record.change)
    if record.ended is not None:
        await _end(connection, key.task_id, record.ended)


async def _add_sentence(vault: Vault, connection: AsyncConnection, key: TaskKey, said: KeptSentence) -> None:
    place = (said.track, said.utterance)
    row = vault.database.insert(SENTENCES).values(
        task_id=key.task_id,
        track=said.track,
        utterance=said.utterance,
        speaker=key.seal(said.speaker, *place, "speaker"),
        language=said.language,
        text=key.seal(said.text, *place),
        start_ms=said.start_ms,
        duration_ms=said.duration_ms,
        confidence=said.confidence,
    )
    if (await connection.execute(row)).rowcount:
        counted = update(TASKS).where(TASKS.c.id == key.task_id).values(sentences=TASKS.c.sentences + 1)
        await connection.execute(counted)


async def _change(connection: AsyncConnection, key: TaskKey, wanted: KeptChange) -> None:
    if wanted.speakers is not None:
        with suppress(PeerError):  # of a sentence that could not be kept, or a name too many
            await speakers.change(connection, key, wanted.speakers)
    if wanted.title:
        title = {"title": key.seal(wanted.title[:MAX_TITLE], "title")}
        await connection.execute(update(TASKS).where(TASKS.c.id == key.task_id).values(**title))


async def _begin(connection: AsyncConnection, key: TaskKey, begun: TaskBegun) -> None:
    values = {
        "dialect": begun.dialect,
        "kind": begun.kind,
        "reference_id": key.seal(begun.reference_id, "reference"),
        "source_languages": ",".join(begun.source_languages),
        "target_languages": ",".join(begun.target_languages),
    }
    await connection.execute(update(TASKS).where(TASKS.c.id == key.task_id).values(**values))


async def _end(connection: AsyncConnection, task: str, ended: TaskEnded) -> None:
    values = {
        "ended_at_ms": ended.at_ms,
        "heard_ms": ended.heard_ms,
        "reason": ended.reason,
        "failed": _is_ours(ended.reason),
        "unkept": ended.unkept,
        "audio_sent": ended.audio_pieces,
    }
    first = (TASKS.c.id == task) & (TASKS.c.ended_at_ms == 0)
    await connection.execute(update(TASKS).where(first).values(**values))


def _is_ours(reason: str) -> bool:
    """Whether the session was ended by the mesh's fault."""
    return any(code == reason and code.kind.ours for code in FaultCode)


def delete_at(record: Kept) -> int:
    """Return the time (Unix, ms) at which the task of a record is deleted."""
    return record.started_at_ms + record.days * DAY_MS
