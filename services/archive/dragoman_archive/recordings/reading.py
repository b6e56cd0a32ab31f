"""Recordings of tasks as Ogg Opus files. Another account's task is an unknown one."""

import asyncio

from dragoman_archive.paging import check_limit
from dragoman_archive.recordings import ogg, stored
from dragoman_archive.recordings.layout import File, Page
from dragoman_archive.recordings.store import AudioStore
from dragoman_archive.sealing import TaskKey
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import TrackAudio

MOST_BYTES = 256 * 1024  # of a reply, which must fit into a message of the bus
AT_ONCE = 8  # objects that are read concurrently for a request


class Recordings:
    """The recordings in a database and a store."""

    def __init__(self, vault: Vault, tasks: Tasks, store: AudioStore) -> None:
        self._vault = vault
        self._tasks = tasks
        self._store = store

    async def tracks(self, account_id: str, task_id: str) -> tuple[TrackAudio, ...]:
        """Return the recordings of a task, by track.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        await self._tasks.get(account_id, task_id)
        async with self._vault.database.reading() as connection:
            found = await stored.files(connection, task_id)
        return tuple(
            TrackAudio(track=track, samples=file.samples, missing_ms=file.missing_ms, bytes=file.size)
            for track, file in found.items()
        )

    async def read(self, account_id: str, task_id: str, track: int, offset: int, limit: int) -> bytes:
        """Return bytes of a track's file.

        Raises:
            PeerError: `UNKNOWN_SESSION`; `BAD_REQUEST`, when `limit` makes no sense.
            MeshError: `UNAVAILABLE`, when database or store are away.
            UnreadableError: the store's bytes were changed.
        """
        check_limit(limit, MOST_BYTES)
        await self._tasks.get(account_id, task_id)
        async with self._vault.database.reading() as connection:
            key = await self._vault.key(connection, task_id)
            file = (await stored.files(connection, task_id, track)).get(track)
        if key is None or file is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such recording")
        return await self._bytes(key, track, file, offset, offset + limit)

    async def _bytes(self, key: TaskKey, track: int, file: File, start: int, end: int) -> bytes:
        turns = asyncio.Semaphore(AT_ONCE)
        pages = file.between(start, end)
        made = await asyncio.gather(*(self._page(key, track, file, page, turns) for page in pages))
        first = pages[0].offset if pages else file.size
        if start < ogg.HEAD_SIZE:
            made, first = [ogg.head(file.serial), *made], 0
        return b"".join(made)[max(0, start - first) : max(0, end - first)]

    async def _page(
        self, key: TaskKey, track: int, file: File, page: Page, turns: asyncio.Semaphore
    ) -> bytes:
        body = ogg.silence(page.frames)
        if page.piece is not None:
            async with turns:
                sealed = await self._store.get(stored.path(key.task_id, track, page.piece.start))
            body = key.unseal_bytes(sealed, "audio", track, page.piece.start)
        return ogg.page(body, page.granule, file.serial, page.sequence, page.flags)
