"""Objects of deleted tasks are deleted from the store; their key is gone already, so nobody can read them."""

import asyncio

from prometheus_client import Counter
from sqlalchemy import delete, select

from dragoman_archive.recordings.store import AudioStore
from dragoman_archive.tables import AUDIO_GARBAGE
from dragoman_archive.vault import Vault
from dragoman_contract.errors import MeshError
from dragoman_kit.logging import get

log = get(__name__)
BATCH = 50
REMOVED = Counter(
    "dragoman_archive_recordings_removed_total", "Recordings of deleted tasks removed from the store"
)


class Garbage:
    """Deletes what is due, at once after a deletion and now and then. Any number of replicas may do so."""

    def __init__(self, vault: Vault, store: AudioStore, interval_s: float) -> None:
        self._vault = vault
        self._store = store
        self._interval_s = interval_s
        self._due = asyncio.Event()

    def wake(self) -> None:
        """Something was deleted."""
        self._due.set()

    async def run(self) -> None:
        """Remove until cancelled."""
        while True:
            self._due.clear()
            try:
                while await self.remove() == BATCH:
                    pass
            except MeshError as exc:
                log.warning("recordings of deleted tasks not removed; tried again", code=exc.code)
            try:
                async with asyncio.timeout(self._interval_s):
                    await self._due.wait()
            except TimeoutError:
                continue

    async def remove(self) -> int:
        """Remove a batch; returns its number.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        async with self._vault.database.reading() as connection:
            found = select(AUDIO_GARBAGE.c.task_id).limit(BATCH)
            tasks = list((await connection.execute(found)).scalars())
        for task_id in tasks:
            await self._store.delete_all(task_id)
            async with self._vault.database.writing() as connection:
                await connection.execute(delete(AUDIO_GARBAGE).where(AUDIO_GARBAGE.c.task_id == task_id))
            REMOVED.inc()
        return len(tasks)
