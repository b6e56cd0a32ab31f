"""The last finals that viewers were shown, for edges whose first viewer comes late. Pure."""

from collections import deque

from dragoman_contract import events as ev

KEPT = 60  # events: a dozen sentences in four languages
KEPT_BYTES = 128_000  # of one answer on the bus


class LastSaid:
    """Finals with a text, in release order; the oldest are forgotten."""

    def __init__(self) -> None:
        self._events: deque[bytes] = deque(maxlen=KEPT)

    def add(self, event: ev.Event, encoded: bytes) -> None:
        """Keep a final transcript or translation, once."""
        said = isinstance(event, ev.Transcript | ev.Translation) and event.final and event.text
        if said and encoded not in self._events:
            self._events.append(encoded)
            while sum(map(len, self._events)) > KEPT_BYTES:
                self._events.popleft()

    def events(self) -> tuple[bytes, ...]:
        """Return them encoded, the oldest first."""
        return tuple(self._events)
