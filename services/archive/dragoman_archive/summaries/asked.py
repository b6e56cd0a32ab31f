"""Summaries that a client waits for: of a task anew, stored or not, or of a text that it sends."""

import asyncio
import time
from typing import Any

from dragoman_archive.sealing import TaskKey
from dragoman_archive.summaries import stored
from dragoman_archive.summaries.base import FilteredError, Job, Line, Made, Summariser
from dragoman_archive.summaries.work import BROKEN, DONE, FAILED, FILTERED, MADE, TIMED_OUT, lines_of
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.events import SummaryWish
from dragoman_contract.ids import new_id
from dragoman_kit.logging import get

log = get(__name__)
WAIT_S = 80.0
LONGEST = 100_000  # characters that a client may send


class AskedSummaries:
    """Makes them while the request waits."""

    def __init__(self, vault: Vault, tasks: Tasks, engine: Summariser) -> None:
        self._vault = vault
        self._tasks = tasks
        self._engine = engine

    async def summarise(self, q: rpc.SummariseRequest) -> rpc.Summary:
        """Make a summary; one that fails says why.

        Raises:
            PeerError: `UNKNOWN_SESSION`, when there is no such task; `BAD_REQUEST`, when nothing was said.
            MeshError: `UNAVAILABLE`.
        """
        key, lines, language = await self._transcript(q)
        wish = await self._wish(q, key)
        if not lines:
            raise PeerError(FaultCode.BAD_REQUEST, "there is nothing to summarise")
        job = Job(wish, lines, wish.language or language)
        error, made = await self._made(job)
        MADE.labels(error or DONE).inc()
        summary = _summary(wish, made, error)
        if q.store and key is not None and made is not None:
            await self._store(key, wish, summary)
            return await self._tasks.summary(q.account_id, q.task_id) or summary
        return summary

    async def _transcript(self, q: rpc.SummariseRequest) -> tuple[TaskKey | None, list[Line], str]:
        if not q.task_id:
            texts = q.content[:LONGEST].splitlines()
            return None, [Line("", text) for text in texts if text.strip()], ""
        task = await self._tasks.get(q.account_id, q.task_id)
        async with self._vault.database.reading() as connection:
            key = await self._vault.key(connection, q.task_id)
        if key is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")
        return key, await lines_of(self._vault, key), next(iter(task.source_languages), "")

    async def _wish(self, q: rpc.SummariseRequest, key: TaskKey | None) -> SummaryWish:
        """What the client wants now; else what it wanted the last time."""
        if q.wish is not None and q.wish.mode:
            return q.wish
        if key is not None:
            async with self._vault.database.reading() as connection:
                known = await stored.wish(connection, key)
            if known is not None:
                return known
        return SummaryWish(mode="builtin", template="general")

    async def _made(self, job: Job) -> tuple[str, Made | None]:
        try:
            async with asyncio.timeout(WAIT_S):
                return "", await self._engine.summarise(job)
        except FilteredError:
            return FILTERED, None
        except TimeoutError:
            return TIMED_OUT, None
        except DragomanError as exc:
            log.warning("summary failed", code=exc.code)
            return TIMED_OUT if exc.code is FaultCode.TIMEOUT else BROKEN, None

    async def _store(self, key: TaskKey, wish: SummaryWish, made: rpc.Summary) -> None:
        async with self._vault.database.writing() as connection:
            await stored.want(self._vault, connection, key, wish)
            await stored.replace(connection, key, wish, made)


def _summary(wish: SummaryWish, made: Made | None, error: str) -> rpc.Summary:
    fields: dict[str, Any] = {
        "id": new_id("sum_", 10),
        "mode": wish.mode,
        "template": wish.template,
        "language": wish.language,
        "plain_text": wish.plain_text,
        "made_at_ms": int(time.time() * 1000),
    }
    if made is None:
        return rpc.Summary(**fields, state=FAILED, error=error)
    return rpc.Summary(
        **fields,
        state=DONE,
        text=made.text[: wish.max_length] if wish.max_length else made.text,
        engine=made.engine,
        fallback_level=made.level,
        dropped=made.dropped,
        input_tokens=made.input_tokens,
        output_tokens=made.output_tokens,
    )
