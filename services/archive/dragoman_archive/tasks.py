"""Tasks of an account: list, read and delete. Another account's task is an unknown one."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.database import Database
from dragoman_archive.tables import SENTENCES, TASKS, TRANSLATIONS
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import (
    Entry,
    KeptSentence,
    KeptTranslation,
    ListEntriesReply,
    ListTasksReply,
    Task,
)

MAX_TASKS, MAX_ENTRIES = 100, 200
MAX_PAGE = 256 * 1024  # characters of the texts of a page: a reply must fit into a message of the bus
BLANK: dict[str, Any] = {
    "reference_id": "", "source_languages": "", "target_languages": "", "reason": "", "sentences": 0,
}  # fmt: skip


class Tasks:
    """The tasks in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, account_id: str, limit: int, after: str = "") -> ListTasksReply:
        """Up to `limit` tasks, the newest first, from behind the place `after` of the page before.

        Raises:
            PeerError: `BAD_REQUEST`, when `limit` or `after` makes no sense.
            MeshError: `UNAVAILABLE`.
        """
        _check(limit, MAX_TASKS)
        found = select(TASKS).where(TASKS.c.account_id == account_id, _alive())
        if after:
            started, task = _place(after, 2)
            found = found.where(tuple_(TASKS.c.started_at_ms, TASKS.c.id) < (_number(started), task))
        found = found.order_by(TASKS.c.started_at_ms.desc(), TASKS.c.id.desc()).limit(limit + 1)
        async with self._database.reading() as connection:
            rows = (await connection.execute(found)).all()
        last = rows[limit - 1] if len(rows) > limit else None
        following = f"{last.started_at_ms}.{last.id}" if last else ""
        return ListTasksReply(tasks=tuple(map(_task, rows[:limit])), next=following)

    async def get(self, account_id: str, task_id: str) -> Task:
        """Return one task.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        async with self._database.reading() as connection:
            return _task(await _one(connection, account_id, task_id))

    async def entries(self, account_id: str, task_id: str, limit: int, after: str = "") -> ListEntriesReply:
        """Up to `limit` sentences by time and track, with what they were translated to.

        Raises:
            PeerError: `UNKNOWN_SESSION`; `BAD_REQUEST`, when `limit` or `after` makes no sense.
            MeshError: `UNAVAILABLE`.
        """
        _check(limit, MAX_ENTRIES)
        order = (SENTENCES.c.start_ms, SENTENCES.c.track, SENTENCES.c.utterance)
        found = select(SENTENCES).where(SENTENCES.c.task_id == task_id)
        if after:
            found = found.where(tuple_(*order) > tuple(map(_number, _place(after, 3))))
        async with self._database.reading() as connection:
            await _one(connection, account_id, task_id)
            rows = (await connection.execute(found.order_by(*order).limit(limit + 1))).all()
            translations = await _translations(connection, task_id, rows[:limit])
        entries = [_entry(row, translations) for row in rows[:limit]]
        count = _fitting(entries)
        more = count < len(rows)
        last = rows[count - 1] if more else None
        following = f"{last.start_ms}.{last.track}.{last.utterance}" if last else ""
        return ListEntriesReply(entries=tuple(entries[:count]), next=following)

    async def delete(self, account_id: str, task_id: str) -> None:
        """Delete a task for good; records of it that come later are dropped.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`: the task is still there.
        """
        async with self._database.writing() as connection:
            await _one(connection, account_id, task_id, locked=True)
            await empty(connection, [task_id])
        await self._database.forget()


async def empty(connection: AsyncConnection, task_ids: Sequence[str]) -> None:
    """Remove everything of tasks but their ids, so that late records of them are known."""
    for table in (TRANSLATIONS, SENTENCES):
        await connection.execute(delete(table).where(table.c.task_id.in_(task_ids)))
    blank = update(TASKS).where(TASKS.c.id.in_(task_ids))
    await connection.execute(blank.values(deleted_at_ms=_now_ms(), **BLANK))


async def _one(
    connection: AsyncConnection, account_id: str, task_id: str, *, locked: bool = False
) -> Row[Any]:
    found = select(TASKS).where(TASKS.c.id == task_id, TASKS.c.account_id == account_id, _alive())
    row = (await connection.execute(found.with_for_update() if locked else found)).one_or_none()
    if row is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")
    return row


async def _translations(
    connection: AsyncConnection, task_id: str, rows: Sequence[Row[Any]]
) -> dict[tuple[int, int], list[KeptTranslation]]:
    """By track and utterance, sorted by language; a track's utterances of a page follow each other."""
    spans: dict[int, list[int]] = {}
    for row in rows:
        spans.setdefault(row.track, []).append(row.utterance)
    if not spans:
        return {}
    columns = TRANSLATIONS.c
    wanted = [and_(columns.track == track, columns.utterance.in_(of)) for track, of in spans.items()]
    found = select(TRANSLATIONS).where(columns.task_id == task_id, or_(*wanted)).order_by(columns.language)
    made: dict[tuple[int, int], list[KeptTranslation]] = {}
    for row in await connection.execute(found):
        one = KeptTranslation(track=row.track, utterance=row.utterance, language=row.language, text=row.text)
        made.setdefault((row.track, row.utterance), []).append(one)
    return made


def _alive() -> Any:
    """What is due is gone, whether the sweeper has come by or not."""
    return and_(TASKS.c.deleted_at_ms == 0, TASKS.c.delete_at_ms > _now_ms())


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        dialect=row.dialect,
        reference_id=row.reference_id,
        source_languages=_split(row.source_languages),
        target_languages=_split(row.target_languages),
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        delete_at_ms=row.delete_at_ms,
        reason=row.reason,
        sentences=row.sentences,
        unkept=row.unkept,
    )


def _entry(row: Row[Any], translations: dict[tuple[int, int], list[KeptTranslation]]) -> Entry:
    sentence = KeptSentence(
        track=row.track,
        utterance=row.utterance,
        speaker=row.speaker,
        language=row.language,
        text=row.text,
        start_ms=row.start_ms,
        duration_ms=row.duration_ms,
        confidence=row.confidence,
    )
    return Entry(sentence=sentence, translations=tuple(translations.get((row.track, row.utterance), ())))


def _fitting(entries: Sequence[Entry]) -> int:
    """How many of the entries fit into a page, at least one."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.sentence.text) + sum(len(one.text) for one in entry.translations)
        if size > MAX_PAGE and count:
            return count
    return len(entries)


def _check(limit: int, most: int) -> None:
    if not 1 <= limit <= most:
        raise PeerError(FaultCode.BAD_REQUEST, f"limit is 1 to {most}")


def _place(after: str, parts: int) -> list[str]:
    found = after.split(".")
    if len(found) != parts:
        raise PeerError(FaultCode.BAD_REQUEST, "after is `next` of the page before")
    return found


def _number(word: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise PeerError(FaultCode.BAD_REQUEST, "after is `next` of the page before")
    return int(word)


def _split(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split(",")))


def _now_ms() -> int:
    return int(time.time() * 1000)
