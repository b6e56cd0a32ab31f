"""Messages of a websocket that wait for their reader; small binary ones are gathered."""

import asyncio
from collections import deque
from typing import Any, Protocol

MOST_GATHERED_BYTES = 1 << 15  # half of what may wait before the socket is not read any more


class Batching(Protocol):
    """Length of what is gathered at a time; see `media.batching`."""

    ms: int


class Inbox:
    """Queue of messages for one reader; `bytes` is counted until it is empty.

    An `asyncio.Queue` asks for the running loop at every `get`, which is a system call.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.bytes = 0
        self.items: deque[Any] = deque()  # binary messages as their bytes, others as they came
        self._loop = loop
        self._filled: asyncio.Future[None] | None = None
        self._batching: Batching | None = None
        self._bytes_per_ms = 0.0
        self._longest = 0
        self._enough = self._gathered = 0  # bytes, of the reader's present wait
        self._timer: asyncio.TimerHandle | None = None

    def gather(self, batching: Batching, bytes_per_ms: float, longest: int) -> None:
        """From now on binary messages that came one after the other are read as one.

        A waiting reader is woken for `batching.ms` of them, or when the first has waited for so long. Nothing
        of other messages waits. No message is made longer than `longest` bytes.
        """
        self._batching, self._bytes_per_ms, self._longest = batching, bytes_per_ms, longest

    def put_nowait(self, item: Any) -> None:
        """Never blocks: the protocol stops reading instead."""
        data = item.get("bytes")
        if data is not None:
            self.put_bytes(bytes(data))
        else:
            self.items.append(item)
            self.hurry()

    def put_bytes(self, data: bytes) -> None:
        """Put a binary message; never blocks."""
        self.items.append(data)
        if self._filled is None or self._filled.done():
            return
        if self._batching is not None:
            self._gathered += len(data)
            if self._gathered < self._enough:
                if self._timer is None:
                    self._timer = self._loop.call_later(self._batching.ms / 1000, self.hurry)
                return
        self._filled.set_result(None)

    def hurry(self) -> None:
        """Wake the reader for what there is."""
        if self._filled is not None and not self._filled.done():
            self._filled.set_result(None)

    async def get(self) -> Any:
        """The next item, when there is one."""
        while not self.items:
            await self._wait()
        item = self.items.popleft()
        if isinstance(item, bytes):
            data = item if self._batching is None or not self.items else self._joined(item)
            item = {"type": "websocket.receive", "bytes": data}
        if not self.items:
            self.bytes = 0
        return item

    async def _wait(self) -> None:
        if self._batching is not None:
            self._gathered = 0
            self._enough = min(int(self._batching.ms * self._bytes_per_ms), MOST_GATHERED_BYTES)
        self._filled = self._loop.create_future()
        try:
            await self._filled
        finally:
            self._filled = None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _joined(self, first: bytes) -> bytes:
        """A binary message with those that follow it."""
        items, pieces, size = self.items, [first], len(first)
        while items and isinstance(data := items[0], bytes):
            size += len(data)
            if size > self._longest:
                break
            pieces.append(items.popleft())
        return b"".join(pieces)

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self.items
