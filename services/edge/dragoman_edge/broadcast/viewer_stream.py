"""One viewer of a broadcast: what it is still to be sent, bounded."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from dragoman_contract import rpc
from dragoman_contract.ids import new_id
from dragoman_edge import metrics
from dragoman_edge.model.send_queue import SendQueue, SendQueueFullError
from dragoman_edge.model.viewers import SseMessage, ViewerRequest

OVERHEAD = 128  # bytes a line is counted with, besides its text


@dataclass(frozen=True, slots=True)
class SseChunk:
    """Bytes that all viewers share."""

    data: bytes
    interim: tuple[object, ...] = ()


class ViewerStream:
    """Filled by the subscription to the broadcast, read by the HTTP stream."""

    def __init__(self, watch: ViewerRequest, source: str, limit_bytes: int) -> None:
        self.id = _named(watch) if watch.key else new_id("viewer_", 10)
        self.watch = watch
        self.source = source
        self.since_ms = int(time.time() * 1000)
        self.language = watch.language  # as the host wrote it, once that is known
        self.watching = False
        self.position: int | None = -1  # that it was told last
        self.quiet_since = time.monotonic()
        self.break_off: Callable[[], None] = lambda: None
        self._queue: SendQueue[SseChunk] = SendQueue(
            limit_bytes,
            lambda chunk: OVERHEAD + len(chunk.data),
            lambda chunk: chunk.interim or None,
            metrics.VIEWER_INTERIMS_DROPPED,
        )

    def put(self, piece: SseChunk) -> None:
        """One more; a viewer that leaves too much unread is sent away."""
        try:
            self._queue.put(piece)
        except SendQueueFullError:
            metrics.VIEWERS_DROPPED.inc()
            self._queue.detach()
            self.break_off()

    def close(self) -> None:
        """Nothing more comes; what waits is still sent."""
        self._queue.close()

    async def get(self) -> bytes | None:
        """All that waits; None when the stream is over."""
        chunks = await self._queue.get_all()
        if not chunks:
            return None
        self.quiet_since = time.monotonic()
        metrics.SHOWN.inc(len(chunks))
        return b"".join(chunk.data for chunk in chunks)

    def wants(self, line: SseMessage) -> bool:
        """Whether a line is for this viewer."""
        if line.speech and not self.watch.speech:
            return False
        return not line.language or not self.language or line.language == self.language

    def shown(self) -> rpc.Viewer:
        """Return the viewer in the form for the host's edge."""
        return rpc.Viewer(
            id=self.id,
            source=self.source,
            language=self.watch.language,
            speech=self.watch.speech,
            since_ms=self.since_ms,
            watching=self.watching,
            back=bool(self.watch.last_id),
        )


def _named(watch: ViewerRequest) -> str:
    """The same id for a viewer that comes back; its host reads it, and cannot tell the key from it."""
    return "viewer_" + hashlib.sha256(f"{watch.token}:{watch.key}".encode()).hexdigest()[:16]


def sse(data: str, id_: str = "") -> bytes:
    """One server-sent event; `data` is a line, `id_` what a browser names when it comes back."""
    named = f"id: {id_}\n" if id_ else ""
    return f"{named}data: {data}\n\n".encode("utf-8", "replace")
