"""A session's results: heard from the mesh, put in order, handed to everybody who observes them."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, MeshError
from dragoman_edge import metrics
from dragoman_edge.model.commands import JOBS
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.resume.recent_results import RecentResults
from dragoman_edge.resume.stream_replay import StreamPosition, last_stored, read_back
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.speech_pacing import SpeechPacing
from dragoman_edge.session.state import SessionState
from dragoman_edge.session.tentative import TentativeTranslations
from dragoman_kit.logging import get

log = get(__name__)
PENDING_EVENTS = 4096  # messages of one session that may wait for the edge
SAFE_EVERY_S = 2.0
Observer = Callable[[ev.Event], None]


class Results:
    """`observers` get each released result once, in order, one after the other, as `tentative` leaves it.

    `steer` gets heartbeats and orders to end; `complete` is called when everything is out; `fail` when a
    result cannot be handled.
    """

    def __init__(
        self,
        parts: EdgeContext,
        session_id: str,
        order: ReorderBuffer,
        state: SessionState,
        tentative: TentativeTranslations,
        pacing: SpeechPacing,
        observers: Sequence[Observer],
        steer: Callable[[ev.Heartbeat | ev.EndSession], Awaitable[None]],
        complete: Callable[[], None],
        fail: Callable[[BaseException], None],
        recent: RecentResults | None = None,
    ) -> None:
        """`recent` keeps what has come, of a session that can be resumed."""
        self.order = order
        self.recent = recent
        self._parts = parts
        self._session_id = session_id
        self._state = state
        self._tentative = tentative
        self._pacing = pacing
        self._observers = observers
        self._steer = steer
        self._complete = complete
        self._fail = fail
        self._subscription: Subscription | None = None
        self._outages = 0  # of the bus, up to which this session has caught up
        # Everything up to here has come; whoever takes over reads what came after it.
        self._safe: StreamPosition = {}
        self._safe_at = 0.0

    async def listen(self, since: StreamPosition | None = None) -> None:
        """Hear of what is new; `since`: where a session that is taken over has to read on.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        self._outages = self._parts.bus.gap_count(None)
        self._safe = dict(since) if since is not None else await last_stored(self._parts.bus)
        self._subscription = await self._parts.bus.nc.subscribe(
            subjects.session_events(self._session_id), cb=self._on_message, pending_msgs_limit=PENDING_EVENTS
        )

    async def unsubscribe(self) -> None:
        """Hear of nothing any more."""
        if self._subscription is not None:
            with contextlib.suppress(NatsError):
                await self._subscription.unsubscribe()
            self._subscription = None

    async def say_over(self) -> None:
        """Tell the workers that nobody waits for the session's results any more."""
        with contextlib.suppress(NatsError):
            await self._parts.bus.nc.publish(subjects.session_over(self._session_id), b"")

    # What comes

    async def _on_message(self, msg: Msg) -> None:
        try:
            event = codec.decode_event(msg.data)
        except DragomanError as exc:
            log.warning("event dropped", session=self._session_id, code=exc.code)
            return
        try:
            await self.take(event)
        except Exception as exc:  # noqa: BLE001  the session's supervision tells it
            self._fail(exc)

    async def take(self, event: ev.Event) -> None:
        """An event of the mesh."""
        if self._state.handed_over:
            return
        if isinstance(event, ev.EndSession):
            await self._steer(event)
            return
        if self.recent is not None:
            self.recent.put(event, time.monotonic(), self._state.detached)
        self.release(self.order.accept(event, now_ms()))
        if isinstance(event, ev.Heartbeat):
            await self._steer(event)
        elif isinstance(event, ev.Transcript | ev.Translation):
            await self._tentative.send()
            await self._pacing.send()

    def release(self, events: Sequence[ev.Event]) -> None:
        """These are next in order."""
        for event in events:
            if isinstance(event, ev.Transcript) and event.track == JOBS:  # the client knows the text
                continue
            shown = self._tentative.take(event)
            if shown is None:
                continue
            for observe in self._observers:
                observe(shown)
        if self.order.complete:
            self._complete()

    async def read_back(self) -> None:
        """Read again the results stored since the last safe position; the order drops repeats.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        async for event in read_back(self._parts.bus, self._session_id, self._safe):
            await self.take(event)

    # What time does

    async def tick(self) -> bool:
        """Catch up after an outage and fill gaps that have waited too long; whether it caught up."""
        caught_up = await self._catch_up()
        self.release(self.order.expire(now_ms()))
        await self._tentative.send()
        if not self._state.detached and time.monotonic() - self._safe_at > SAFE_EVERY_S:
            self.safe_place()
        return caught_up

    async def _catch_up(self) -> bool:
        """After an outage of the bus: what was published meanwhile is in the streams."""
        bus = self._parts.bus
        if self.up_to_date or not bus.connected:
            return False
        gap_count = bus.gap_count(self._subscription)
        metrics.CAUGHT_UP.inc()
        try:
            await self.read_back()
            await self.ask_for_speech("outage")
        except MeshError as exc:
            log.warning("catching up failed; it is tried again", session=self._session_id, code=exc.code)
            return False
        self._outages = gap_count
        return True

    async def ask_for_speech(self, why: str) -> None:
        """Ask for speech that is due once more: a restarted server has lost what it held in memory.

        The identity is of this moment and edge: another edge may have asked a minute ago, in vain.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        moment = f"{self._parts.edge_id}.{int(time.time() * 1000)}"
        for translation in self.order.awaiting_speech():
            payload = codec.encode_event(translation)
            identity = f"{subjects.message_id(translation)}.{why}.{moment}"
            await self._parts.bus.store(subjects.event(translation), payload, identity)

    def safe_place(self) -> StreamPosition:
        """Moves on with time, but not while something may have been missed."""
        self._safe_at = time.monotonic()
        if self.up_to_date:
            self._safe = self._parts.marks.back(self._safe, self._safe_at)
        return self._safe

    @property
    def up_to_date(self) -> bool:
        """Whether nothing can have been missed."""
        bus = self._parts.bus
        return bus.connected and bus.gap_count(self._subscription) == self._outages

    def count(self) -> None:
        """For the metrics, once at the end."""
        order = self.order
        metrics.REASSEMBLY.labels("duplicate").inc(order.duplicates_dropped)
        metrics.REASSEMBLY.labels("stale").inc(order.stale_dropped)
        metrics.REASSEMBLY.labels("gap_filled").inc(order.gaps_filled)
        metrics.REASSEMBLY.labels("late").inc(order.late_dropped)


def now_ms() -> int:
    """The clock of the order: monotonic, in ms."""
    return int(time.monotonic() * 1000)
