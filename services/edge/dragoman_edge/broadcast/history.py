"""The last sentences of a broadcast, for viewers who come late or come back. Pure."""

from collections import deque
from collections.abc import Iterator

from dragoman_edge.broadcast.viewer_stream import SseChunk
from dragoman_edge.model.viewers import SseMessage

KEPT = 200  # messages: fifty sentences in three languages
LATE = 12  # messages of its language that a viewer gets who was not here before

Line = tuple[SseMessage, SseChunk]


class BroadcastHistory:
    """Messages with an id, in their order; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=KEPT)

    def add(self, message: SseMessage, chunk: SseChunk) -> None:
        """Keep a message that has an id, once."""
        if message.id and not any(known.id == message.id for known, _ in self._lines):
            self._lines.append((message, chunk))

    def since(self, last_id: str) -> Iterator[Line]:
        """Messages after the one that a viewer had last; the latest, where nobody knows that one."""
        lines = list(self._lines)
        place = next((n for n, (message, _) in enumerate(lines) if last_id and message.id == last_id), None)
        yield from lines if place is None else lines[place + 1 :]
