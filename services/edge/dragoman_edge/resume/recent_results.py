"""A session's latest results, for a client that may have missed them while the bus lost its data. Pure."""

from collections import OrderedDict

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev

BACK_S = 30.0  # further back than the records from which a client may go on
MOST_BYTES = 256 * 1024


class RecentResults:
    """Results as the mesh told them, each once, for `BACK_S`; of a client that is gone, all since then.

    Speech is not among them: it is asked for again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def put(self, event: ev.Event, now: float, detached: bool) -> None:
        """Keep a result that came `now` (monotonic s)."""
        if not _durable(event):
            return
        identity, data = subjects.message_id(event), codec.encode_event(event)
        if identity in self._kept:
            return
        self._kept[identity] = now, data
        self._bytes += len(data)
        while self._kept and (self._bytes > MOST_BYTES or not (detached or self._oldest_s() > now - BACK_S)):
            _, (_, old) = self._kept.popitem(last=False)
            self._bytes -= len(old)

    def all(self) -> list[ev.Event]:
        """Return them, the oldest first."""
        return [codec.decode_event(data) for _, data in self._kept.values()]

    def _oldest_s(self) -> float:
        return next(iter(self._kept.values()))[0]


def _durable(event: ev.Event) -> bool:
    match event:
        case ev.Transcript(final=True) | ev.Translation(final=True):
            return True
        case ev.Failure() | ev.SpeakerCorrection() | ev.TrackEnded():
            return True
    return False
