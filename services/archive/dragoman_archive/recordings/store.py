"""The object store of recordings: a folder, S3, Google Cloud Storage or Azure."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore import exceptions as problems
from obstore.store import LocalStore, from_url
from prometheus_client import Gauge

from dragoman_contract.errors import FaultCode, MeshError

UP = Gauge("dragoman_archive_audio_store_up", "1 while the store of recordings takes what it is given")
UP.set(1)
REFUSALS = (
    problems.PermissionDeniedError,
    problems.UnauthenticatedError,
    problems.NotFoundError,
    problems.NotSupportedError,
)
ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL")  # of the environment
UNAVAILABLE, REFUSED = "unavailable", "refused"


class StoreError(MeshError):
    """The store cannot be used. `problem`: `unavailable` = it is away; `refused` = it takes nothing."""

    def __init__(self, problem: str) -> None:
        super().__init__(FaultCode.UNAVAILABLE, "the store of recordings cannot be used", retry_after_ms=2000)
        self.problem = problem


class AudioStore:
    """Objects by path.

    Args:
        url: `file:///…`, `s3://BUCKET/PREFIX`, `gs://…` or `az://…`.
        options: of obstore, e.g. `endpoint`, `access_key_id`; those of the environment (`AWS_…`) count, too.
        timeout_s: of a request.

    Raises:
        ValueError: there is no such kind of store, or an option is none of it.
    """

    def __init__(self, url: str, options: Mapping[str, Any], timeout_s: float = 10) -> None:
        self.folder = Path(url.removeprefix("file://")) if url.startswith("file://") else None
        self._timeout_s = timeout_s
        self._store: Any = None
        if self.folder is None:
            self._store = _remote(url, options, timeout_s)

    async def put(self, path: str, data: bytes) -> None:
        """Store an object; it is there after a crash of the machine, too.

        Raises:
            StoreError: it is not stored.
        """
        with self._failures():
            async with asyncio.timeout(self._timeout_s):
                await obstore.put_async(await self._opened(), path, data)
                if self.folder is not None:
                    await asyncio.to_thread(_sync, self.folder / path)

    async def get(self, path: str) -> bytes:
        """Return an object.

        Raises:
            StoreError: it cannot be read.
        """
        with self._failures():
            async with asyncio.timeout(self._timeout_s):
                found = await obstore.get_async(await self._opened(), path)
                return bytes(await found.bytes_async())

    async def delete(self, path: str) -> None:
        """Delete an object, if it is there.

        Raises:
            StoreError: it may still be there.
        """
        with self._failures(), contextlib.suppress(FileNotFoundError, problems.NotFoundError):
            async with asyncio.timeout(self._timeout_s):
                await obstore.delete_async(await self._opened(), path)

    async def delete_all(self, prefix: str) -> None:
        """Delete the objects below a path.

        Raises:
            StoreError: some may still be there.
        """
        with self._failures():
            store = await self._opened()
            async for batch in obstore.list(store, prefix + "/", chunk_size=500):
                async with asyncio.timeout(self._timeout_s):
                    await obstore.delete_async(store, [found["path"] for found in batch])
        if self.folder is not None:
            await asyncio.to_thread(_remove_folders, self.folder / prefix)

    async def _opened(self) -> Any:
        if self._store is None and self.folder is not None:
            self._store = await asyncio.to_thread(_local, self.folder)
        return self._store

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """A store that is away, full or read-only is the mesh's failure; its words, with its keys, stay."""
        try:
            yield
            UP.set(1)
        except (problems.BaseError, OSError, TimeoutError) as exc:
            UP.set(0)
            local = self.folder is not None and not isinstance(exc, TimeoutError)
            refused = local or isinstance(exc, REFUSALS)
            raise StoreError(REFUSED if refused else UNAVAILABLE) from None


def _remote(url: str, options: Mapping[str, Any], timeout_s: float) -> Any:
    insecure = _endpoint(options).startswith("http://")
    client = {
        "timeout": timedelta(seconds=timeout_s),
        "connect_timeout": timedelta(seconds=timeout_s / 2),
        "allow_http": insecure,
    }
    retries = {"max_retries": 2, "retry_timeout": timedelta(seconds=timeout_s / 2)}
    make: Any = from_url  # its signatures name the options of each kind of store
    try:
        return make(url, config=dict(options), client_options=client, retry_config=retries)
    except (problems.BaseError, TypeError) as exc:
        raise ValueError(f"the store of recordings cannot be set up ({type(exc).__name__})") from None


def _endpoint(options: Mapping[str, Any]) -> str:
    """The address of a server of one's own, as obstore finds it: an option, else the environment's."""
    named = (options.get("endpoint"), *map(os.environ.get, ENDPOINTS))
    return next((str(address) for address in named if address), "")


def _local(folder: Path) -> LocalStore:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(folder)


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_folders(top: Path) -> None:
    """Remove folders that are empty now."""
    with contextlib.suppress(OSError):
        for folder in sorted(top.rglob("*"), reverse=True):
            folder.rmdir()
        top.rmdir()
