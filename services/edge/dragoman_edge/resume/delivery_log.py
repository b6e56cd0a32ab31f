"""Results sent to a client that does not count itself, and the part that certainly arrived. Pure."""

from collections import deque

from dragoman_contract import events as ev
from dragoman_edge.model.delivery_counts import ALL, Counts, DeliveryCounts

LOST_S = 5.0  # what was written to a socket so shortly before it broke may never have come
MOST = 500  # texts of that time that are looked back at
NOTHING = DeliveryCounts()


class DeliveryLog:
    """Fed by the writer of the socket; the time is passed in (monotonic s)."""

    def __init__(self, known: DeliveryCounts) -> None:
        """`known`: what the client has got before."""
        self._written = DeliveryCounts(
            dict(known.finals), dict(known.translations), dict(known.samples), dict(known.corrections)
        )
        self._earlier: deque[tuple[float, Counts, Counts, Counts]] = deque(maxlen=MOST)

    def mark_sent(self, event: ev.Event, now: float) -> None:
        """An event went to the socket."""
        if isinstance(event, ev.SpeechChunk):  # speech is not looked back at
            self._written.take(event, NOTHING)
            return
        while len(self._earlier) > 1 and self._earlier[1][0] <= now - LOST_S:
            self._earlier.popleft()
        if not self._earlier or self._earlier[-1][0] < now:
            texts = self._written
            before = dict(texts.finals), dict(texts.translations), dict(texts.corrections)
            self._earlier.append((now, *before))
        self._written.take(event, NOTHING)

    def confirmed(self, now: float) -> DeliveryCounts:
        """Texts up to `LOST_S` ago: they may come twice, under the same id. Speech up to now: it may not."""
        written = self._written
        finals, translations, corrections = written.finals, written.translations, written.corrections
        for at, *before in self._earlier:
            if at > now - LOST_S:
                finals, translations, corrections = before
                break
        none = {ALL: 0}  # a client without results has got none of them, as opposed to not counting them
        return DeliveryCounts(none | finals, none | translations, none | written.samples, none | corrections)
