"""Rates for sessions whose speech is behind their speakers, as hinted by their edges."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import PeerError
from dragoman_kit.bus import Bus

REMEMBERED = 4096  # sessions' languages
SLOWEST, FASTEST = 1.0, 1.25
SHORTEST_PAUSE_MS = 50
Output = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Manner:
    """Manner of a session's speech now: a factor on its rate, and its longest pause (0 = any)."""

    rate: float = 1.0
    pause_ms: int = 0


class Paces:
    """The newest hint of each (session, track, language); what is not known is spoken as it is wanted."""

    def __init__(self) -> None:
        self._manners: OrderedDict[Output, Manner] = OrderedDict()

    @asynccontextmanager
    async def listening(self, bus: Bus) -> AsyncIterator[None]:
        """Take hints until the block is left."""
        subscription = await bus.nc.subscribe(subjects.SPEECH_PACES, cb=self._on_message)
        try:
            yield
        finally:
            await subscription.drain()  # type: ignore[no-untyped-call]

    async def _on_message(self, msg: Msg) -> None:
        try:
            self.take(codec.decode(rpc.SpeechPace, msg.data))
        except PeerError:
            return

    def take(self, pace: rpc.SpeechPace) -> None:
        """A hint; 1.0 is what is forgotten first."""
        output = (pace.session_id, pace.track, pace.language)
        self._manners.pop(output, None)
        rate = min(FASTEST, max(SLOWEST, pace.rate))
        if rate > SLOWEST:
            self._manners[output] = Manner(
                rate, max(SHORTEST_PAUSE_MS, pace.pause_ms) if pace.pause_ms else 0
            )
        if len(self._manners) > REMEMBERED:
            self._manners.popitem(last=False)

    def of(self, translation: ev.Translation) -> Manner:
        """Return the manner in which a translation is to be spoken, beside what is wanted."""
        output = (translation.session_id, translation.track, translation.language)
        return self._manners.get(output, Manner())
