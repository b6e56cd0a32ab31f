"""Rates for sessions whose speech is behind their speakers, as hinted by their edges."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import PeerError
from dragoman_kit.bus import Bus

REMEMBERED = 4096  # sessions' languages
SLOWEST, FASTEST = 1.0, 1.25
Output = tuple[str, int, str]


class Paces:
    """The newest hint of each (session, track, language); what is not known is spoken as it is wanted."""

    def __init__(self) -> None:
        self._rates: OrderedDict[Output, float] = OrderedDict()

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
        self._rates.pop(output, None)
        rate = min(FASTEST, max(SLOWEST, pace.rate))
        if rate > SLOWEST:
            self._rates[output] = rate
        if len(self._rates) > REMEMBERED:
            self._rates.popitem(last=False)

    def of(self, translation: ev.Translation) -> float:
        """The rate that a translation is to be spoken at, beside the one that is wanted."""
        return self._rates.get((translation.session_id, translation.track, translation.language), 1.0)
