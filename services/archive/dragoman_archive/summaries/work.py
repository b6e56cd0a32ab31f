"""Summaries that are wanted, made once their session is over: claimed, tried, stored, by any replica."""

import asyncio
import time
from typing import Any

from prometheus_client import Counter
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive import entries, speakers
from dragoman_archive.sealing import TaskKey
from dragoman_archive.summaries.base import FilteredError, Job, Line, Made, Summariser
from dragoman_archive.tables import SUMMARIES, TASKS
from dragoman_archive.vault import Vault
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_contract.events import SummaryWish
from dragoman_contract.rpc import Speaker
from dragoman_kit.logging import get

log = get(__name__)
POLL_S = 0.5
JOB_S = 240.0  # for one try
CLAIM_MS = 300_000  # until another replica may try
AGAIN_MS = 5_000
MOST_TRIES = 3
MOST_CHARACTERS = 2_000_000
WANTED, DONE, FAILED = "wanted", "done", "failed"
FILTERED, TIMED_OUT, BROKEN = "llm_content_filtered", "summary_timeout", "summary_failed"
MADE = Counter("dragoman_archive_summaries_total", "Summaries by outcome", ["outcome"])
for _outcome in (DONE, FILTERED, TIMED_OUT, BROKEN):
    MADE.labels(_outcome)


class Summarising:
    """The work of one replica, one summary at a time."""

    def __init__(self, vault: Vault, engine: Summariser) -> None:
        self._vault = vault
        self._engine = engine

    async def run(self) -> None:
        """Make what is wanted until cancelled."""
        while True:
            try:
                busy = await self.one()
            except DragomanError as exc:
                log.warning("summaries wait", code=exc.code)
                busy = False
            if not busy:
                await asyncio.sleep(POLL_S)

    async def one(self) -> bool:
        """Try one summary; False: none is wanted now.

        Raises:
            MeshError: `UNAVAILABLE`: the database is away.
        """
        claimed = await self._claim()
        if claimed is None:
            return False
        row, key, lines, language = claimed
        try:
            made = await self._make(row, key, lines, language)
        except DragomanError as exc:
            await self._failed(row, exc)
        except TimeoutError:
            await self._failed(row, MeshError(FaultCode.TIMEOUT))
        else:
            await self._store(key, row, made)
        return True

    async def _claim(self) -> tuple[Row[Any], TaskKey, list[Line], str] | None:
        now_ms = int(time.time() * 1000)
        ready = (SUMMARIES.c.state == WANTED) & (SUMMARIES.c.next_at_ms <= now_ms)
        alive = (TASKS.c.ended_at_ms > 0) & (TASKS.c.deleted_at_ms == 0)
        found = select(SUMMARIES, TASKS.c.source_languages).join(TASKS, TASKS.c.id == SUMMARIES.c.task_id)
        found = found.where(ready, alive).order_by(SUMMARIES.c.next_at_ms).limit(1)
        async with self._vault.database.writing() as connection:
            locked = found.with_for_update(skip_locked=True, of=SUMMARIES)
            row = (await connection.execute(locked)).one_or_none()
            if row is None:
                return None
            claim = {"tries": row.tries + 1, "next_at_ms": now_ms + CLAIM_MS}
            await connection.execute(_of(row).values(**claim))
            key = await self._vault.key(connection, row.task_id)
        if key is None:  # it is being deleted
            return None
        return (
            row,
            key,
            await lines_of(self._vault, key),
            row.language or row.source_languages.partition(",")[0],
        )

    async def _make(self, row: Row[Any], key: TaskKey, lines: list[Line], language: str) -> Made:
        if not lines:
            raise MeshError(FaultCode.INTERNAL, "nothing was said")
        wish = SummaryWish(
            mode=row.mode,
            template=row.template,
            prompt=key.unseal(row.prompt, "prompt"),
            language=row.language,
            plain_text=row.plain_text,
        )
        async with asyncio.timeout(JOB_S):
            return await self._engine.summarise(Job(wish, lines, language))

    async def _failed(self, row: Row[Any], exc: DragomanError) -> None:
        filtered = isinstance(exc, FilteredError)
        final = filtered or row.tries + 1 >= MOST_TRIES or exc.code is FaultCode.INTERNAL
        log.warning("summary failed", task=row.task_id, code=exc.code, final=final)
        values: dict[str, Any] = {"next_at_ms": int(time.time() * 1000) + AGAIN_MS}
        if final:
            error = FILTERED if filtered else BROKEN
            error = TIMED_OUT if exc.code is FaultCode.TIMEOUT else error
            values = {"state": FAILED, "error": error}
            MADE.labels(error).inc()
        async with self._vault.database.writing() as connection:
            await connection.execute(_of(row).values(**values))

    async def _store(self, key: TaskKey, row: Row[Any], made: Made) -> None:
        values = {
            "state": DONE,
            "error": "",
            "text": key.seal(made.text, "summary"),
            "engine": made.engine,
            "level": made.level,
            "dropped": ",".join(map(str, made.dropped)),
            "input_tokens": made.input_tokens,
            "output_tokens": made.output_tokens,
            "made_at_ms": int(time.time() * 1000),
        }
        async with self._vault.database.writing() as connection:
            if await _still_there(connection, row.task_id):
                await connection.execute(_of(row).values(**values))
        MADE.labels(DONE).inc()


async def lines_of(vault: Vault, key: TaskKey) -> list[Line]:
    """The sentences of a task, up to a bound; speakers by their names.

    Raises:
        MeshError: `UNAVAILABLE`.
    """
    lines, after, size = [], "", 0
    async with vault.database.reading() as connection:
        sealed = (
            await connection.execute(select(TASKS.c.speakers).where(TASKS.c.id == key.task_id))
        ).scalar()
    named = {one.id: one for one in speakers.opened(key, sealed)}
    while size < MOST_CHARACTERS:
        async with vault.database.reading() as connection:
            page = await entries.page(connection, key, entries.MAX_ENTRIES, after)
        lines += [Line(_name(entry.sentence.speaker, named), entry.sentence.text) for entry in page.entries]
        size += sum(len(entry.sentence.text) for entry in page.entries)
        after = page.next
        if not after:
            break
    return lines


def _name(speaker: str, named: dict[str, Speaker]) -> str:
    known = named.get(speaker)
    if known is not None and known.merged_into:
        return _name(known.merged_into, named)
    return known.label or speaker if known is not None else speaker


def _of(row: Row[Any]) -> Any:
    return update(SUMMARIES).where(SUMMARIES.c.task_id == row.task_id)


async def _still_there(connection: AsyncConnection, task_id: str) -> bool:
    """Locked until the end: a summary of a task that is being deleted is not stored."""
    found = select(TASKS.c.deleted_at_ms).where(TASKS.c.id == task_id).with_for_update()
    return (await connection.execute(found)).scalar_one_or_none() == 0
