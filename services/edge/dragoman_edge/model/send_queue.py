"""Queue of one reader, bounded in bytes; superseded interims are given up first."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class SendQueueFullError(Exception):
    """More waits than is allowed, all interims given up."""


class Counts(Protocol):
    """A counter of metrics."""

    def inc(self, amount: float = 1) -> None:
        """Add to it."""


class SendQueue(Generic[T]):
    """One producer, one consumer.

    Args:
        limit_bytes: above it interims are given up, then the queue is full.
        size: bytes that an item counts.
        interim: what an interim is of: the next one of the same takes its place; None = it is no interim.
        dropped: counts interims that were given up.
    """

    def __init__(
        self,
        limit_bytes: int,
        size: Callable[[T], int],
        interim: Callable[[T], object | None],
        dropped: Counts,
    ) -> None:
        self._limit = limit_bytes
        self._size = size
        self._interim = interim
        self._dropped = dropped
        self._items: deque[T] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closed = False

    def put(self, item: T) -> None:
        """Add an item; nothing happens once the queue is closed.

        Raises:
            SendQueueFullError: the reader has left too much unread.
        """
        if self._closed:
            return
        subject = self._interim(item)
        if subject is not None and self._items:
            self._drop(lambda old: self._interim(old) == subject)
        self._items.append(item)
        self._bytes += self._size(item)
        self._wake.set()
        if self._bytes > self._limit:
            self._drop(lambda old: self._interim(old) is not None)
        if self._bytes > self._limit:
            raise SendQueueFullError

    def close(self) -> None:
        """Nothing more comes; what waits is still delivered."""
        self._closed = True
        self._wake.set()

    def detach(self) -> None:
        """Nobody reads any more: what waits is given up, and nothing more comes."""
        self._items.clear()
        self._bytes = 0
        self.close()

    async def get(self) -> T | None:
        """The next item; None when the queue is closed and empty."""
        if not await self._filled():
            return None
        item = self._items.popleft()
        self._bytes -= self._size(item)
        return item

    async def get_all(self) -> list[T]:
        """All that waits; empty when the queue is closed and empty."""
        await self._filled()
        items = list(self._items)
        self._items.clear()
        self._bytes = 0
        return items

    async def _filled(self) -> bool:
        while not self._items:
            if self._closed:
                return False
            self._wake.clear()
            await self._wake.wait()
        return True

    def _drop(self, which: Callable[[T], bool]) -> None:
        kept = deque(item for item in self._items if not which(item))
        self._dropped.inc(len(self._items) - len(kept))
        self._items = kept
        self._bytes = sum(map(self._size, kept))
