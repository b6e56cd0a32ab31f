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
        self._told: set[str] = set()  # ids of what another edge told

    def add(self, message: SseMessage, chunk: SseChunk) -> None:
        """Keep a message that has an id, once."""
        if message.id and not any(known.id == message.id for known, _ in self._lines):
            self._lines.append((message, chunk))

    def add_before(self, lines: list[Line]) -> None:
        """Keep what was said before this edge began to listen; what it has heard itself stays as it is."""
        known = {message.id for message, _ in self._lines}
        older = [line for line in lines if line[0].id and line[0].id not in known]
        older = older[-(KEPT - len(self._lines)) :] if len(self._lines) < KEPT else []
        self._lines.extendleft(reversed(older))
        self._told = {message.id for message, _ in older}

    def was_told(self, message: SseMessage) -> bool:
        """Whether viewers have a message from another edge's telling."""
        return message.id in self._told

    def since(self, last_id: str) -> Iterator[Line]:
        """Messages after the one that a viewer had last; the latest, where nobody knows that one."""
        lines = list(self._lines)
        place = next((n for n, (message, _) in enumerate(lines) if last_id and message.id == last_id), None)
        yield from lines if place is None else lines[place + 1 :]
