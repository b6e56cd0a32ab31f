"""One broadcast at this replica: each event rendered once for all viewers, and reports to its host's edge."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import best_match
from dragoman_edge.broadcast.deduplicate import Deduplicator
from dragoman_edge.broadcast.definition import BroadcastDefinition, BroadcastStanding
from dragoman_edge.broadcast.history import LATE, BroadcastHistory
from dragoman_edge.broadcast.host import HostLink
from dragoman_edge.broadcast.roster import ViewerRoster
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.broadcast.variants import Variants
from dragoman_edge.broadcast.viewer_stream import SseChunk, ViewerStream, sse
from dragoman_edge.model.events import (
    Announcement,
    Placed,
    SpeakersChanged,
    TranslatedAgain,
    ViewerEvent,
)
from dragoman_edge.model.viewers import SseMessage, ViewerEncoder, ViewerRequest
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
REPORT_S = 2.0  # a sign of life, often enough for `admission.GONE_S`
GATHER_S = 0.02  # viewers that come at the same time are reported together
KEEP_ALIVE_S = 15.0
LINGER_S = 30.0  # after the last viewer has left
SUBSCRIBE_RETRY_S = 0.5
PENDING_EVENTS = 4096
_ORDER = {show: rank for rank, show in enumerate(ev.Show)}  # an answer may be overtaken by what came after it
KEEP_ALIVE = b": keep-alive\n\n"


@dataclass(frozen=True, slots=True)
class SubscriptionContext:
    """Objects that the subscriptions of a replica share."""

    bus: Bus
    broadcasts: Broadcasts
    edge_id: str
    host_back_s: float  # in which a host may come back
    longest_s: float  # of a viewer's stay
    changed: Callable[[], None]  # viewers came, went or were admitted: for the gauges
    forget: Callable[["BroadcastSubscription"], None]  # nobody watches any more


class BroadcastSubscription:
    """Begins with the first viewer; over a while after the last one has left, or when the broadcast ends."""

    def __init__(
        self,
        context: SubscriptionContext,
        definition: BroadcastDefinition,
        standing: BroadcastStanding,
        encoder: ViewerEncoder,
    ) -> None:
        self.token = definition.token
        self._context = context
        self._definition = definition
        self._encoder = encoder
        self._known = bool(standing.started_at_ms)  # whether the host has told its languages
        self._host = HostLink(
            context.bus, context.broadcasts, self.token, context.host_back_s, met=self._known
        )
        self._roster = ViewerRoster()
        self._once = Deduplicator()
        self._variants = Variants()
        self._history = BroadcastHistory()
        self._caught_up = False
        self._watched_at = time.monotonic()
        self._state = standing.state
        self._wake = asyncio.Event()
        self._over = False
        self._task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nobody enters any more: the session of the broadcast has ended."""
        return self._over

    @property
    def waiting(self) -> int:
        """Viewers without a place."""
        return self._roster.waiting

    def check(self, watch: ViewerRequest) -> None:
        """Raises: PeerError, `UNSUPPORTED_LANGUAGE`, when nothing will come in the wanted language."""
        made = self._definition
        known = self._state.target_languages + self._state.source_languages
        known = known or made.target_languages + made.source_languages
        if watch.language and known and not _match(watch.language, known):
            message = f"the broadcast is not translated into {watch.language}"
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, message)

    def enter(self, stream: ViewerStream) -> None:
        """One more viewer."""
        self._roster.enter(stream)
        self._name_language(stream)
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="viewers")

    def leave(self, stream: ViewerStream) -> None:
        """The viewer is gone."""
        if self._roster.leave(stream):
            self._wake.set()

    async def close(self) -> None:
        """Close the subscription when this replica stops."""
        self._close_streams()
        if self._task is not None:
            await end(self._task)

    # Events and notices of the host's edge

    async def _on_message(self, msg: Msg) -> None:
        try:
            if msg.subject.endswith(".event"):
                event = self._once.take(codec.decode_event(msg.data))
                if event is not None:
                    self._show(event)
            else:
                self._heed(codec.decode(rpc.BroadcastNotice, msg.data))
        except DragomanError as exc:
            log.warning("message for viewers dropped", code=exc.code)
        await asyncio.sleep(0)  # or a burst of messages would be piled up before any of it is sent

    def _heed(self, notice: rpc.BroadcastNotice) -> None:
        if notice.state is not None:
            self._change(notice.state)
        if notice.announcement:
            self._show(Announcement(notice.announcement))
        if notice.speakers is not None:
            self._show(SpeakersChanged(notice.speakers))
        if notice.translation is not None:
            self._show(TranslatedAgain(notice.translation))
        if notice.call:
            if notice.state is not None:  # the host's edge is a new one
                self._roster.report_all()
            self._wake.set()

    def _change(self, state: ev.BroadcastState) -> None:
        if (state == self._state and self._known) or _ORDER[state.show] < _ORDER[self._state.show]:
            return
        self._state, self._known = state, True
        for stream in self._roster:
            self._name_language(stream)
        self._show(state, everybody=True)
        if state.show is ev.Show.ENDED:
            self._over = True
            self._close_streams()
            self._wake.set()

    def _name_language(self, stream: ViewerStream) -> None:
        known = self._state.target_languages
        stream.language = _match(stream.watch.language, known) or stream.watch.language

    def _show(self, event: ViewerEvent, *, everybody: bool = False) -> None:
        """Rendered once for viewers of the same stability, handed to every viewer whom it concerns."""
        for shown, stabilities in self._variants.of(event):
            for message, chunk in self._rendered(shown):
                if self._history.was_told(message):
                    continue
                self._history.add(message, chunk)
                for stream in self._roster:
                    if stream.watch.stability not in stabilities:
                        continue
                    if (stream.watching or everybody) and stream.wants(message):
                        stream.put(chunk)

    def _rendered(self, event: ViewerEvent) -> list[tuple[SseMessage, SseChunk]]:
        messages = self._encoder.render(event, int(time.time() * 1000))
        return [(message, SseChunk(sse(message.data, message.id), message.interim)) for message in messages]

    # Reports to the host's edge

    async def _run(self) -> None:
        subscription: Subscription | None = None
        try:
            subscription = await self._subscribe()
            while (self._roster.pending or self._lingers()) and not self._over:
                self._wake.clear()
                if self._roster.pending:
                    await self._report()
                self._keep_alive()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REPORT_S):
                        await self._wake.wait()
                await asyncio.sleep(GATHER_S)
        except Exception:
            log.exception("unexpected error among viewers")
        finally:
            self._over = True
            self._context.forget(self)
            self._close_streams()
            if subscription is not None:
                with contextlib.suppress(NatsError):
                    await subscription.unsubscribe()

    def _lingers(self) -> bool:
        """Whether the last viewer was here a moment ago: one that comes back is to miss nothing."""
        now = time.monotonic()
        if any(True for _ in self._roster):
            self._watched_at = now
        return now - self._watched_at < LINGER_S

    async def _subscribe(self) -> Subscription:
        while True:
            try:
                return await self._context.bus.nc.subscribe(
                    subjects.broadcast_show(self.token),
                    cb=self._on_message,
                    pending_msgs_limit=PENDING_EVENTS,
                )
            except NatsError:
                await asyncio.sleep(SUBSCRIBE_RETRY_S)

    async def _report(self) -> None:
        report = self._roster.report(self._context.edge_id, catch_up=not self._caught_up)
        try:
            reply = await self._host.ask(report)
        except NoRespondersError:
            await self._no_host()
        except (NatsError, TimeoutError, DragomanError):
            self._roster.report_all()
        else:
            self._take(reply, report.all)
        self._context.changed()

    def _take(self, reply: rpc.AdmissionReply, everybody: bool) -> None:
        if reply.unknown:
            self._roster.report_all()
            self._wake.set()
            return
        if reply.state is not None:
            self._change(reply.state)
        if not self._caught_up:
            self._caught_up = True
            self._hear_earlier(reply)
        for viewer_id in reply.admitted:
            self._place(viewer_id, 0, reply.queued)
        for place in reply.queue:
            self._place(place.viewer_id, place.position, reply.queued)
        if everybody:
            self._roster.confirm(set(reply.admitted))

    def _hear_earlier(self, reply: rpc.AdmissionReply) -> None:
        """What was said before the first viewer came to this edge, and who the speakers are."""
        for change in reply.speakers:
            self._rendered(SpeakersChanged(change))
        events = [codec.decode_event(event) for event in reply.said]
        shown = [event for event in events if isinstance(event, ev.Transcript | ev.Translation)]
        self._history.add_before([line for event in shown for line in self._rendered(event)])

    def _place(self, viewer_id: str, position: int | None, queued: int) -> None:
        stream = self._roster.place(viewer_id, position)
        if stream is not None:
            for _, chunk in self._rendered(Placed(viewer_id, position, queued, self._state)):
                stream.put(chunk)
            if stream.watching:
                self._catch_up(stream)

    def _catch_up(self, stream: ViewerStream) -> None:
        """What was said before a viewer came, or while it was away."""
        missed = [
            chunk for message, chunk in self._history.since(stream.watch.last_id) if stream.wants(message)
        ]
        for chunk in missed if stream.watch.last_id else missed[-LATE:]:
            stream.put(chunk)

    async def _no_host(self) -> None:
        """None yet, or none at the moment: those who watch go on, the others wait."""
        self._roster.report_all()
        for stream in self._roster:
            if not stream.watching:
                self._place(stream.id, None, 0)
        ended = await self._host.missed()
        if ended is not None:
            self._change(ended)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        for stream in self._roster:
            if now - stream.quiet_since > KEEP_ALIVE_S:
                stream.put(SseChunk(KEEP_ALIVE, ("keep-alive",)))
            if time.time() - stream.since_ms / 1000 > self._context.longest_s:
                stream.close()

    def _close_streams(self) -> None:
        for stream in self._roster:
            stream.close()


def _match(wanted: str, known: tuple[str, ...]) -> str:
    """The known tag that is meant: `es` finds `es-ES`; empty = none."""
    return best_match(wanted, known) or ""
