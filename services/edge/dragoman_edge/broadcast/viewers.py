"""The viewers of this replica: one subscription for each broadcast, each event rendered once for all."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.languages import best_match
from dragoman_edge import metrics
from dragoman_edge.broadcast.deduplicate import Deduplicator
from dragoman_edge.broadcast.store import BroadcastDefinition, Broadcasts, BroadcastStanding
from dragoman_edge.broadcast.viewer_stream import SseChunk, ViewerStream, sse
from dragoman_edge.model.events import Announcement, Placed, ViewerEvent
from dragoman_edge.model.viewers import SseMessage, ViewerEncoder, ViewerRequest
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
REPORT_S = 2.0  # a sign of life, often enough for `door.GONE_S`
ANSWER_S = 2.0
GATHER_S = 0.02  # viewers that come at the same time are reported together
KEEP_ALIVE_S = 15.0
HOSTLESS_SLACK_S = 5.0  # beside the time in which a host may come back
SUBSCRIBE_RETRY_S = 0.5
PENDING_EVENTS = 4096
_ORDER = {show: rank for rank, show in enumerate(ev.Show)}  # an answer may be overtaken by what came after it
KEEP_ALIVE = b": keep-alive\n\n"


class BroadcastSubscription:
    """One broadcast's viewers at this replica."""

    def __init__(
        self,
        viewers: "Viewers",
        made: BroadcastDefinition,
        standing: BroadcastStanding,
        viewing: ViewerEncoder,
    ) -> None:
        self._viewers = viewers
        self._made = made
        self._viewing = viewing
        self._state = standing.state
        self._known = bool(standing.started_at_ms)  # whether the host has told its languages
        self._seats: dict[str, ViewerStream] = {}
        self._new: list[ViewerStream] = []
        self._left: list[str] = []
        self._all = True  # the host's edge must hear of every viewer
        self._wake = asyncio.Event()
        self._once = Deduplicator()
        self._over = False
        self._answered_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Viewers without a place."""
        return sum(not seat.watching for seat in self._seats.values())

    def check(self, watch: ViewerRequest) -> None:
        """Raises: PeerError, `UNSUPPORTED_LANGUAGE`, when nothing will come in the wanted language."""
        made = self._made
        known = self._state.target_languages + self._state.source_languages
        known = known or made.target_languages + made.source_languages
        if watch.language and known and not _match(watch.language, known):
            message = f"the broadcast is not translated into {watch.language}"
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, message)

    def enter(self, seat: ViewerStream) -> None:
        """One more viewer."""
        self._seats[seat.id] = seat
        self._new.append(seat)
        self._name_language(seat)
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="viewers")

    def leave(self, seat: ViewerStream) -> None:
        """The viewer is gone."""
        if self._seats.pop(seat.id, None) is not None:
            self._left.append(seat.id)
            self._wake.set()

    async def close(self) -> None:
        """This replica stops."""
        for seat in self._seats.values():
            seat.close()
        if self._task is not None:
            await end(self._task)

    # What the host's edge tells

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
        if notice.call:
            self._all = self._all or notice.state is not None  # the door is new
            self._wake.set()

    def _change(self, state: ev.BroadcastState) -> None:
        if (state == self._state and self._known) or _ORDER[state.show] < _ORDER[self._state.show]:
            return
        self._state, self._known = state, True
        for seat in self._seats.values():
            self._name_language(seat)
        self._show(state, everybody=True)
        if state.show is ev.Show.ENDED:
            self._end()

    def _end(self) -> None:
        self._over = True
        for seat in self._seats.values():
            seat.close()
        self._wake.set()

    def _name_language(self, seat: ViewerStream) -> None:
        known = self._state.target_languages
        seat.language = _match(seat.watch.language, known) or seat.watch.language

    def _show(self, shown: ViewerEvent, *, everybody: bool = False) -> None:
        """Rendered once, handed to every viewer whom it concerns."""
        for line, piece in self._pieces(shown):
            for seat in self._seats.values():
                if (seat.watching or everybody) and seat.wants(line):
                    seat.put(piece)

    def _pieces(self, shown: ViewerEvent) -> list[tuple[SseMessage, SseChunk]]:
        lines = self._viewing.render(shown, int(time.time() * 1000))
        return [(line, SseChunk(sse(line.data), line.interim)) for line in lines]

    # The door

    async def _run(self) -> None:
        subscription: Subscription | None = None
        try:
            subscription = await self._subscribe()
            while (self._seats or self._left) and not self._over:
                self._wake.clear()
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
            self._viewers.forget(self._made.token, self)
            for seat in self._seats.values():
                seat.close()
            if subscription is not None:
                with contextlib.suppress(NatsError):
                    await subscription.unsubscribe()

    async def _subscribe(self) -> Subscription:
        while True:
            try:
                return await self._viewers.bus.nc.subscribe(
                    subjects.broadcast_show(self._made.token),
                    cb=self._on_message,
                    pending_msgs_limit=PENDING_EVENTS,
                )
            except NatsError:
                await asyncio.sleep(SUBSCRIBE_RETRY_S)

    async def _report(self) -> None:
        report = self._to_report()
        try:
            reply = await self._viewers.ask(self._made.token, report)
        except NoRespondersError:
            await self._no_host()
            self._viewers.measure()
            return
        except (NatsError, TimeoutError, DragomanError):
            self._all = True
            return
        self._answered_at = time.monotonic()
        if reply.unknown:
            self._all = True
            self._wake.set()
            return
        if reply.state is not None:
            self._change(reply.state)
        self._place(reply, report.all)
        self._viewers.measure()

    def _to_report(self) -> rpc.DoorReport:
        everybody: Iterable[ViewerStream] = self._seats.values()
        told = everybody if self._all else [seat for seat in self._new if seat.id in self._seats]
        report = rpc.DoorReport(
            edge_id=self._viewers.edge_id,
            all=self._all,
            viewers=tuple(seat.shown() for seat in told),
            left=tuple(self._left),
        )
        self._all, self._new, self._left = False, [], []
        return report

    def _place(self, reply: rpc.DoorReply, everybody: bool) -> None:
        admitted = set(reply.admitted)
        for viewer_id in admitted:
            self._seat(viewer_id, 0, reply.queued)
        for place in reply.queue:
            self._seat(place.viewer_id, place.position, reply.queued)
        if everybody:
            for seat in self._seats.values():
                seat.watching = seat.id in admitted

    def _seat(self, viewer_id: str, position: int | None, queued: int) -> None:
        seat = self._seats.get(viewer_id)
        if seat is None or seat.position == position:
            return
        seat.position, seat.watching = position, position == 0
        for _, piece in self._pieces(Placed(viewer_id, position, queued, self._state)):
            seat.put(piece)

    async def _no_host(self) -> None:
        """None yet, or none at the moment: those who watch go on, the others wait."""
        self._all = True
        for seat in list(self._seats.values()):
            if not seat.watching:
                self._seat(seat.id, None, 0)
        away = time.monotonic() - self._answered_at
        if away > self._viewers.host_back_s:
            self._answered_at = time.monotonic()
            await self._look_for_host()

    async def _look_for_host(self) -> None:
        """A host that died without a word and did not come back has ended the broadcast."""
        try:
            standing = await self._viewers.broadcasts.standing(self._made.token)
            begun = standing.started_at_ms and not standing.ended_at_ms
            if begun and not await self._viewers.broadcasts.is_live(standing.session_id):
                await self._viewers.broadcasts.end(self._made.token)
            elif standing.ended_at_ms:
                self._change(standing.state)
        except MeshError as exc:
            log.warning("host not looked for", code=exc.code)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        longest = self._viewers.longest_s
        for seat in list(self._seats.values()):
            if now - seat.quiet_since > KEEP_ALIVE_S:
                seat.put(SseChunk(KEEP_ALIVE, ("keep-alive",)))
            if time.time() - seat.since_ms / 1000 > longest:
                seat.close()


class Viewers:
    """All viewers of this replica."""

    def __init__(
        self, bus: Bus, broadcasts: Broadcasts, settings: EdgeSettings, edge_id: str, resume_window_s: float
    ) -> None:
        self.bus = bus
        self.broadcasts = broadcasts
        self.edge_id = edge_id
        self.host_back_s = resume_window_s + HOSTLESS_SLACK_S
        self.longest_s = settings.max_session_s
        self.draining = False
        self._settings = settings
        self._hubs: dict[str, BroadcastSubscription] = {}
        self._count = 0
        metrics.VIEWERS_ROOM.set(settings.max_viewers)

    @property
    def waiting(self) -> int:
        """How many are here and have no place."""
        return sum(hub.waiting for hub in self._hubs.values())

    @contextlib.asynccontextmanager
    async def seat(
        self, watch: ViewerRequest, source: str, viewing: Callable[[], ViewerEncoder]
    ) -> AsyncIterator[ViewerStream]:
        """A viewer's stay, which may begin with waiting for a place.

        Raises:
            PeerError: why this viewer may not watch.
            MeshError: `BUSY`, `DRAINING` or `UNAVAILABLE`.
        """
        try:
            self._check_room()
        except MeshError as exc:
            metrics.VIEWERS_REFUSED.labels(exc.code).inc()
            raise
        self._count += 1
        try:
            hub, seat = await self._enter(watch, source, viewing)
            try:
                yield seat
            finally:
                hub.leave(seat)
        finally:
            self._count -= 1

    def _check_room(self) -> None:
        if self.draining:
            raise MeshError(FaultCode.DRAINING, "this server is stopping; connect again", retry_after_ms=1000)
        if self._count >= self._settings.max_viewers:
            raise MeshError(FaultCode.BUSY, "this server has no room for viewers", retry_after_ms=5000)

    async def _enter(
        self, watch: ViewerRequest, source: str, viewing: Callable[[], ViewerEncoder]
    ) -> tuple[BroadcastSubscription, ViewerStream]:
        try:
            made, standing = await self.broadcasts.open_to(watch.token, watch.access)
            hub = self._hubs.get(watch.token)
            if hub is None:
                hub = self._hubs[watch.token] = BroadcastSubscription(self, made, standing, viewing())
            hub.check(watch)
        except DragomanError as exc:
            metrics.VIEWERS_REFUSED.labels(exc.code).inc()
            raise
        seat = ViewerStream(watch, source, self._settings.viewer_bytes)
        hub.enter(seat)
        return hub, seat

    def measure(self) -> None:
        """For the gauges."""
        metrics.VIEWERS.labels("watching").set(self._count - self.waiting)
        metrics.VIEWERS.labels("waiting").set(self.waiting)

    async def ask(self, token: str, report: rpc.DoorReport) -> rpc.DoorReply:
        """What the host's edge says to a report.

        Raises:
            NatsError: there is no host, or no bus.
            DragomanError: it does not know what to say.
        """
        answer = await self.bus.nc.request(
            subjects.broadcast_door(token), codec.encode(report), timeout=ANSWER_S
        )
        return codec.decode(rpc.DoorReply, answer.data)

    def forget(self, token: str, hub: BroadcastSubscription) -> None:
        """Nobody watches this broadcast here any more."""
        if self._hubs.get(token) is hub:
            del self._hubs[token]
        self.measure()

    async def close(self) -> None:
        """This replica stops: viewers connect to another one."""
        self.draining = True
        for hub in list(self._hubs.values()):
            await hub.close()


def _match(wanted: str, known: tuple[str, ...]) -> str:
    """The known tag that is meant: `es` finds `es-ES`; empty = none."""
    return best_match(wanted, known) or ""
