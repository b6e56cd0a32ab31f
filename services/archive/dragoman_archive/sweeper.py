"""Retention: what has had its time is deleted; ids of deleted tasks are forgotten later."""

import asyncio
import time

from prometheus_client import Counter
from sqlalchemy import delete, or_, select

from dragoman_archive import enrolment
from dragoman_archive.tables import TASKS
from dragoman_archive.tasks import empty
from dragoman_archive.vault import Vault
from dragoman_contract.errors import MeshError
from dragoman_kit.logging import get

log = get(__name__)
BATCH = 100
REMEMBER_MS = 8 * 24 * 3_600_000  # longer than a record may lie in the stream
EXPIRED = Counter(
    "dragoman_archive_tasks_swept_total", "Tasks removed by the sweeper: time over, or account erased"
)


async def sweep_forever(vault: Vault, interval_s: float) -> None:
    """Sweep until cancelled. Any number of replicas may do so."""
    while True:
        try:
            while await sweep(vault, int(time.time() * 1000)) == BATCH:
                pass
        except MeshError as exc:
            log.warning("sweep failed; it is tried again", code=exc.code)
        await asyncio.sleep(interval_s)


async def sweep(vault: Vault, now_ms: int) -> int:
    """Empty a batch of tasks that are due at `now_ms` (Unix time), or erased; returns their number.

    Enrolled speakers whose time is over are deleted, too.

    Raises:
        MeshError: `UNAVAILABLE`.
    """
    over = (TASKS.c.deleted_at_ms == 0) & (TASKS.c.delete_at_ms <= now_ms)
    erased = (TASKS.c.deleted_at_ms > 0) & ~TASKS.c.emptied
    due = select(TASKS.c.id).where(or_(over, erased)).limit(BATCH).with_for_update(skip_locked=True)
    forgotten = TASKS.c.emptied & (TASKS.c.deleted_at_ms <= now_ms - REMEMBER_MS)
    async with vault.database.writing() as connection:
        ids = list((await connection.execute(due)).scalars())
        if ids:
            await empty(vault, connection, ids)
        await connection.execute(delete(TASKS).where(forgotten))
        await enrolment.discard(vault, connection, enrolment.due(now_ms))
    EXPIRED.inc(len(ids))
    await vault.database.forget()  # also what a deletion could not
    return len(ids)
