"""Tasks of an account: list, read, change and delete. Another account's task is an unknown one."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive import enrolment, entries, speakers, translations
from dragoman_archive.paging import check_limit, number, parts
from dragoman_archive.recordings import stored as recordings
from dragoman_archive.sealing import TaskKey
from dragoman_archive.summaries import stored
from dragoman_archive.tables import MAX_TITLE, SENTENCES, SUMMARIES, TASK_KEYS, TASKS, TRANSLATIONS, WEBHOOKS
from dragoman_archive.vault import Vault
from dragoman_archive.webhooks import signature
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import (
    KeptTranslation,
    ListEntriesReply,
    ListTasksReply,
    SpeakerChange,
    Summary,
    Task,
    TaskChange,
    TaskState,
)

MAX_TASKS = 100
GIVEN_UP = "force_failed"  # reason of the end of a task that its client has given up
BLANK: dict[str, Any] = {
    "dialect": "", "kind": "", "reference_id": None, "title": None, "source_languages": "",
    "target_languages": "", "failed": False, "reason": "", "sentences": 0, "unkept": 0, "heard_ms": 0,
    "pinned": False, "read": False, "speakers": None, "audio_ms": 0, "audio_pieces": 0,
    "audio_sent": 0,
}  # fmt: skip
OVER = TASKS.c.ended_at_ms > 0
STATES: dict[TaskState, ColumnElement[bool]] = {
    TaskState.ACTIVE: ~OVER,
    TaskState.COMPLETED: OVER & ~TASKS.c.failed,
    TaskState.FAILED: OVER & TASKS.c.failed,
}
FLAGS = {
    TaskChange.PIN: {"pinned": True},
    TaskChange.UNPIN: {"pinned": False},
    TaskChange.READ: {"read": True},
}


class Tasks:
    """The tasks in a database."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._database = vault.database

    async def page(
        self,
        account_id: str,
        limit: int,
        after: str = "",
        state: TaskState = TaskState.UNSPECIFIED,
        kind: str = "",
    ) -> ListTasksReply:
        """Up to `limit` tasks, the newest first, from behind the place `after` of the page before.

        An empty `kind` is any.

        Raises:
            PeerError: `BAD_REQUEST`, when `limit` or `after` makes no sense.
            MeshError: `UNAVAILABLE`.
        """
        check_limit(limit, MAX_TASKS)
        found = select(TASKS).where(TASKS.c.account_id == account_id, _alive())
        if state in STATES:
            found = found.where(STATES[state])
        if kind:
            found = found.where(TASKS.c.kind == kind)
        if after:
            started, task = parts(after, 2)
            found = found.where(tuple_(TASKS.c.started_at_ms, TASKS.c.id) < (number(started), task))
        found = found.order_by(TASKS.c.started_at_ms.desc(), TASKS.c.id.desc()).limit(limit + 1)
        async with self._database.reading() as connection:
            rows = (await connection.execute(found)).all()
            tasks = await self._opened(connection, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        following = f"{last.started_at_ms}.{last.id}" if last else ""
        return ListTasksReply(tasks=tasks, next=following)

    async def get(self, account_id: str, task_id: str) -> Task:
        """Return one task.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        async with self._database.reading() as connection:
            rows = await _those(connection, account_id, [task_id])
            tasks = await self._opened(connection, rows)
        if not tasks:
            raise _unknown()
        return tasks[0]

    async def stored(self, account_id: str, task_id: str) -> tuple[bool, int]:
        """Return whether a task is stored to its end, or is gone already, and the pieces of its recordings.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        mine = (TASKS.c.id == task_id) & (TASKS.c.account_id == account_id)
        over = or_(OVER, TASKS.c.deleted_at_ms > 0).label("over")
        async with self._database.reading() as connection:
            row = (await connection.execute(select(over, TASKS.c.audio_pieces).where(mine))).first()
        return (bool(row.over), row.audio_pieces) if row else (False, 0)

    async def entries(self, account_id: str, task_id: str, limit: int, after: str = "") -> ListEntriesReply:
        """Up to `limit` sentences by time and track, with what they were translated to.

        Raises:
            PeerError: `UNKNOWN_SESSION`; `BAD_REQUEST`, when `limit` or `after` makes no sense.
            MeshError: `UNAVAILABLE`.
        """
        async with self._database.reading() as connection:
            key = await self._vault.key(connection, task_id)
            if key is None or not await _those(connection, account_id, [task_id]):
                raise _unknown()
            return await entries.page(connection, key, limit, after)

    async def summary(self, account_id: str, task_id: str) -> Summary | None:
        """The summary of a task; None: none was wished for.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        async with self._database.reading() as connection:
            key = await self._vault.key(connection, task_id)
            if key is None or not await _those(connection, account_id, [task_id]):
                raise _unknown()
            return await stored.summary(connection, key)

    async def change(
        self, account_id: str, task_ids: Sequence[str], change: TaskChange, title: str = ""
    ) -> tuple[Task, ...]:
        """Change those of the tasks that there are, and return them.

        Raises:
            PeerError: `BAD_REQUEST`, when they are too many, or the title is not one.
            MeshError: `UNAVAILABLE`: nothing is changed.
        """
        check_limit(len(task_ids), MAX_TASKS)
        _check_title(title)
        async with self._database.writing() as connection:
            found = [row.id for row in await _those(connection, account_id, task_ids, locked=True)]
            for key in (await self._vault.keys(connection, found)).values():
                await _change(connection, key, change, title)
            return await self._opened(connection, await _those(connection, account_id, found))

    async def change_speakers(self, account_id: str, task_id: str, change: SpeakerChange) -> Task:
        """Rename or merge speakers of a task, or give a sentence to another one.

        Raises:
            PeerError: `UNKNOWN_SESSION`; `BAD_REQUEST`, when a name makes no sense.
            MeshError: `UNAVAILABLE`: nothing is changed.
        """
        async with self._database.writing() as connection:
            key = await self._locked(connection, account_id, task_id)
            await speakers.change(connection, key, change)
            return (await self._opened(connection, await _those(connection, account_id, [task_id])))[0]

    async def keep_translation(self, account_id: str, task_id: str, made: KeptTranslation) -> None:
        """Store a sentence's new translation.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`: it is not stored.
        """
        async with self._database.writing() as connection:
            key = await self._locked(connection, account_id, task_id)
            await translations.add(self._database, connection, key, made, newest=True)

    async def _locked(self, connection: AsyncConnection, account_id: str, task_id: str) -> TaskKey:
        found = await _those(connection, account_id, [task_id], locked=True)
        key = await self._vault.key(connection, task_id) if found else None
        if key is None:
            raise _unknown()
        return key

    async def delete(self, account_id: str, task_ids: Sequence[str]) -> tuple[str, ...]:
        """Delete those of the tasks that there are, for good, and return their ids; late records are dropped.

        Raises:
            PeerError: `BAD_REQUEST`, when they are too many.
            MeshError: `UNAVAILABLE`: they are still there.
        """
        check_limit(len(task_ids), MAX_TASKS)
        async with self._database.writing() as connection:
            rows = await _those(connection, account_id, task_ids, locked=True)
            found = tuple(row.id for row in rows)
            await empty(self._vault, connection, found)
        await self._database.forget()
        return found

    async def webhook_secret(self, account_id: str) -> str:
        """The secret by which an account's webhooks are signed; made with its key.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        async with self._database.writing() as connection:
            await self._vault.make_account(connection, account_id)
            return signature.secret(await self._vault.account_key(connection, account_id))

    async def erase(self, account_id: str) -> int:
        """Make everything of an account unreadable, and return its number of tasks; the sweeper removes rows.

        Raises:
            MeshError: `UNAVAILABLE`: it is still there.
        """
        mine = (TASKS.c.account_id == account_id) & (TASKS.c.deleted_at_ms == 0)
        async with self._database.writing() as connection:
            await self._vault.shred_account(connection, account_id)
            gone = update(TASKS).where(mine).values(deleted_at_ms=_now_ms(), **BLANK)
            erased = (await connection.execute(gone)).rowcount
            await enrolment.discard(self._vault, connection, enrolment.of_account(account_id))
        await self._database.forget()
        return erased

    async def _opened(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> tuple[Task, ...]:
        keys = await self._vault.keys(connection, [row.id for row in rows])
        return tuple(_task(row, keys[row.id]) for row in rows if row.id in keys)


async def empty(vault: Vault, connection: AsyncConnection, task_ids: Sequence[str]) -> None:
    """Remove the keys of tasks and all but their ids, so that late records of them are known."""
    await vault.shred(connection, task_ids)
    await recordings.discard(vault.database, connection, task_ids)
    for table in (WEBHOOKS, SUMMARIES, TRANSLATIONS, SENTENCES):
        await connection.execute(delete(table).where(table.c.task_id.in_(task_ids)))
    blank = update(TASKS).where(TASKS.c.id.in_(task_ids))
    await connection.execute(blank.values(deleted_at_ms=_now_ms(), emptied=True, **BLANK))


async def _those(
    connection: AsyncConnection, account_id: str, task_ids: Sequence[str], *, locked: bool = False
) -> Sequence[Row[Any]]:
    found = select(TASKS).where(TASKS.c.id.in_(task_ids), TASKS.c.account_id == account_id, _alive())
    found = found.order_by(TASKS.c.id)
    return (await connection.execute(found.with_for_update() if locked else found)).all()


async def _change(connection: AsyncConnection, key: TaskKey, change: TaskChange, title: str) -> None:
    mine = update(TASKS).where(TASKS.c.id == key.task_id)
    if change is TaskChange.RENAME:
        await connection.execute(mine.values(title=key.seal(title, "title")))
    elif change is TaskChange.FAIL:
        given_up = {"ended_at_ms": _now_ms(), "failed": True, "reason": GIVEN_UP}
        await connection.execute(mine.where(~OVER).values(**given_up))
    else:
        await connection.execute(mine.values(**FLAGS[change]))


def _alive() -> ColumnElement[bool]:
    """What is due, or has no key any more, is gone, whether the sweeper has come by or not."""
    has_key = select(TASK_KEYS.c.task_id).where(TASK_KEYS.c.task_id == TASKS.c.id).exists()
    return and_(TASKS.c.deleted_at_ms == 0, TASKS.c.delete_at_ms > _now_ms(), has_key)


def _task(row: Row[Any], key: TaskKey) -> Task:
    return Task(
        id=row.id,
        dialect=row.dialect,
        kind=row.kind,
        reference_id=key.unseal(row.reference_id, "reference"),
        title=key.unseal(row.title, "title"),
        source_languages=_split(row.source_languages),
        target_languages=_split(row.target_languages),
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        heard_ms=row.heard_ms,
        delete_at_ms=row.delete_at_ms,
        failed=row.failed,
        reason=row.reason,
        sentences=row.sentences,
        unkept=row.unkept,
        pinned=row.pinned,
        read=row.read,
        speakers=speakers.opened(key, row.speakers),
        audio_ms=row.audio_ms,
    )


def _check_title(title: str) -> None:
    if len(title) > MAX_TITLE or not title.isprintable():
        raise PeerError(FaultCode.BAD_REQUEST, f"a title is at most {MAX_TITLE} printable characters")


def _unknown() -> PeerError:
    return PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")


def _split(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split(",")))


def _now_ms() -> int:
    return int(time.time() * 1000)
