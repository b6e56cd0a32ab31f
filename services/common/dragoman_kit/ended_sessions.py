"""The sessions that ended a short while ago: their work is not begun any more."""

from collections import OrderedDict

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from dragoman_contract import subjects
from dragoman_kit.bus import Bus

MOST = 20_000  # sessions that are remembered: at a thousand ends a second, longer than work waits


class EndedSessions:
    """Hears of the ends of all sessions, on core NATS: one that is missed is done for nothing."""

    def __init__(self) -> None:
        self._ended: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._ended

    async def listen(self, bus: Bus) -> Subscription:
        """Hear of them until the subscription is ended."""
        return await bus.nc.subscribe(subjects.SESSIONS_OVER, cb=self._on_over, pending_msgs_limit=MOST)

    async def _on_over(self, msg: Msg) -> None:
        self.add(subjects.parse_over(msg.subject))

    def add(self, session_id: str) -> None:
        """Remember one, and forget the oldest."""
        self._ended[session_id] = None
        if len(self._ended) > MOST:
            self._ended.popitem(last=False)
