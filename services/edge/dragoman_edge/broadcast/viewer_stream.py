"""One viewer of a broadcast: what it is still to be sent, bounded."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from dragoman_contract import rpc
from dragoman_contract.ids import new_id
from dragoman_edge import metrics
from dragoman_edge.model.viewers import SseMessage, ViewerRequest

OVERHEAD = 128  # bytes a line is counted with, besides its text


@dataclass(frozen=True, slots=True)
class SseChunk:
    """Bytes that all viewers share."""

    data: bytes
    interim: tuple[object, ...] = ()


class ViewerStream:
    """Filled by the hub of the broadcast, read by the stream; interims are superseded first."""

    def __init__(self, watch: ViewerRequest, source: str, limit_bytes: int) -> None:
        self.id = new_id("viewer_", 10)
        self.watch = watch
        self.source = source
        self.since_ms = int(time.time() * 1000)
        self.language = watch.language  # as the host wrote it, once that is known
        self.watching = False
        self.position: int | None = -1  # that it was told last
        self.quiet_since = time.monotonic()
        self.break_off: Callable[[], None] = lambda: None
        self._limit = limit_bytes
        self._pieces: deque[SseChunk] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closed = False

    def put(self, piece: SseChunk) -> None:
        """One more; a viewer that leaves too much unread is sent away."""
        if self._closed:
            return
        if piece.interim and self._pieces:
            self._drop(lambda old: old.interim == piece.interim)
        self._pieces.append(piece)
        self._bytes += OVERHEAD + len(piece.data)
        self._wake.set()
        if self._bytes > self._limit:
            self._drop(lambda old: bool(old.interim))
        if self._bytes > self._limit:
            metrics.VIEWERS_DROPPED.inc()
            self._pieces.clear()
            self.close()
            self.break_off()

    def close(self) -> None:
        """Nothing more comes; what waits is still sent."""
        self._closed = True
        self._wake.set()

    async def get(self) -> bytes | None:
        """All that waits; None when the stream is over."""
        while not self._pieces:
            if self._closed:
                return None
            self._wake.clear()
            await self._wake.wait()
        self.quiet_since = time.monotonic()
        metrics.SHOWN.inc(len(self._pieces))
        data = b"".join(piece.data for piece in self._pieces)
        self._pieces.clear()
        self._bytes = 0
        return data

    def wants(self, line: SseMessage) -> bool:
        """Whether a line is for this viewer."""
        if line.speech and not self.watch.speech:
            return False
        return not line.language or not self.language or line.language == self.language

    def shown(self) -> rpc.Viewer:
        """As the host's edge is told."""
        return rpc.Viewer(
            id=self.id,
            source=self.source,
            language=self.watch.language,
            speech=self.watch.speech,
            since_ms=self.since_ms,
            watching=self.watching,
        )

    def _drop(self, which: Callable[[SseChunk], bool]) -> None:
        kept = deque(piece for piece in self._pieces if not which(piece))
        metrics.VIEWER_INTERIMS_DROPPED.inc(len(self._pieces) - len(kept))
        self._pieces = kept
        self._bytes = sum(OVERHEAD + len(piece.data) for piece in kept)


def sse(data: str) -> bytes:
    """One server-sent event; `data` is a line."""
    return f"data: {data}\n\n".encode("utf-8", "replace")
