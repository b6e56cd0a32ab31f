"""The host's side of a broadcast: what its session releases is published once, and the door is kept."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge import metrics
from dragoman_edge.broadcast.admission import AdmissionChange, ViewerAdmission
from dragoman_edge.broadcast.definition import BroadcastStanding
from dragoman_edge.broadcast.last_said import LastSaid
from dragoman_edge.broadcast.said_before import said_before
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.model.commands import JOBS, BroadcastAction, BroadcastCommand
from dragoman_edge.model.events import (
    Audience,
    BroadcastAck,
    BroadcastInfo,
    ServerEvent,
    ViewerJoined,
    ViewerLeft,
)
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
COUNT_S = 3.0  # how often the host may be told the figures
DOOR_S = 1.0
ROLL_CALL_S = 2.5  # at a new host's edge, until every edge has told whom it has
MOST_WAITING = 4096  # messages for viewers that the bus has not taken yet
MOST_REPORTS = 1024
MOST_TOLD = 100  # viewers of one report that the host is told one by one
MOST_NAMED = 100  # changes of speakers that an edge hears of whose first viewer comes late
NEVER = 1 << 32  # higher than any utterance
_RESULTS = ev.Transcript | ev.Translation | ev.SpeechChunk | ev.Failure


class BroadcastPublisher:
    """A session's broadcast. `say` tells the host, `track_ms` is the audio taken so far."""

    def __init__(
        self,
        bus: Bus,
        broadcasts: Broadcasts,
        token: str,
        spec: ev.Spec,
        say: Callable[[ServerEvent], None],
        track_ms: Callable[[], int],
    ) -> None:
        self._bus = bus
        self._broadcasts = broadcasts
        self._token = token
        self._spec = spec
        self._say = say
        self._track_ms = track_ms
        self._id = ""
        self._standing = BroadcastStanding()
        self._admission = ViewerAdmission(0, 0.0)
        self._before = (0, 0)  # viewers and queue at the edge before
        self._first: dict[int, int] = {}  # by track, the first utterance that is for viewers
        self._floor = NEVER  # the same, while none has been
        self._shown: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(MOST_WAITING)
        self._last_said = LastSaid()
        self._named: deque[rpc.SpeakerChange] = deque(maxlen=MOST_NAMED)
        self._subscription: Subscription | None = None
        self._told = Audience()
        self._stored = BroadcastStanding()

    async def begin(self, resumed: bool) -> None:
        """Open the door; at another edge than before, once all viewers are known.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        made = await self._broadcasts.find(self._token)
        if made is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
        self._id = made.id
        self._stored = await self._broadcasts.standing(self._token)
        known = self._standing = self._with_languages(self._stored)
        self._floor = 0 if known.show is ev.Show.LIVE else NEVER
        opens_at = time.monotonic() + ROLL_CALL_S if resumed else 0.0
        self._admission = ViewerAdmission(made.max_viewers, opens_at, known.peak, known.total)
        self._before = (known.viewers, known.queued) if resumed else (0, 0)
        if resumed and known.show is ev.Show.LIVE:
            await self._remember(known)
        try:
            self._subscription = await self._bus.nc.subscribe(
                subjects.broadcast_admission(self._token), cb=self._on_report, pending_msgs_limit=MOST_REPORTS
            )
        except NatsError as exc:
            raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached") from exc
        self._notify(rpc.BroadcastNotice(state=self._state, call=True))
        await self._store()

    async def _remember(self, known: BroadcastStanding) -> None:
        """What was said at the edge before, for viewers who come to one that had none."""
        for event in await said_before(self._bus, known.session_id, known.live_from_ms):
            self._last_said.add(event, codec.encode_event(_slim(event)))

    def _with_languages(self, known: BroadcastStanding) -> BroadcastStanding:
        track = self._spec.tracks[0]
        told = {"source_languages": track.source_languages, "target_languages": track.target_languages}
        return known.model_copy(update=told | {"started_at_ms": known.started_at_ms or _now_ms()})

    @property
    def _state(self) -> ev.BroadcastState:
        return self._standing.state

    @property
    def on_air(self) -> BroadcastInfo:
        """Return the broadcast's state for its host when the session begins.

        The figures are those of a moment ago, until every edge has told whom it has.
        """
        now, (viewers, queued) = self._admission.audience, self._before
        told = replace(now, viewers=max(now.viewers, viewers), queued=max(now.queued, queued))
        return BroadcastInfo(self._id, self._token, self._state, told, self._spec)

    @property
    def watched(self) -> bool:
        """Whether it is live and somebody watches."""
        return self._standing.show is ev.Show.LIVE and self._admission.audience.viewers > 0

    # To the viewers

    def released(self, event: ev.Event) -> None:
        """A result of the session, in order: viewers get it, unless the host only rehearses."""
        if isinstance(event, _RESULTS) and event.track != JOBS and self._is_for_viewers(event):
            encoded = codec.encode_event(_slim(event))
            self._last_said.add(event, encoded)
            self._show(subjects.broadcast_event(self._token), encoded)

    def rename(self, change: rpc.SpeakerChange) -> None:
        """The host has renamed, merged or exchanged speakers."""
        self._named.append(change)
        if self._standing.show is ev.Show.LIVE:
            self._notify(rpc.BroadcastNotice(speakers=change))

    def translated_again(self, made: rpc.KeptTranslation) -> None:
        """A sentence of track 0 has another translation; viewers get it, if they have the sentence."""
        live = self._standing.show is ev.Show.LIVE
        if live and made.utterance >= self._first.get(0, self._floor):
            self._notify(rpc.BroadcastNotice(translation=made))

    def _is_for_viewers(self, event: _RESULTS) -> bool:
        """What was said before it went live is not, though its results come after."""
        if self._standing.show is not ev.Show.LIVE:
            return False
        if isinstance(event, ev.Transcript) and event.track not in self._first and self._said_live(event):
            self._first[event.track] = event.utterance
        return event.utterance >= self._first.get(event.track, self._floor)

    def _said_live(self, event: ev.Transcript) -> bool:
        return event.start_ms + event.duration_ms > self._standing.live_from_ms

    def _notify(self, notice: rpc.BroadcastNotice) -> None:
        self._show(subjects.broadcast_notice(self._token), codec.encode(notice))

    def _show(self, subject: str, payload: bytes) -> None:
        try:
            self._shown.put_nowait((subject, payload))
        except asyncio.QueueFull:
            metrics.SHOWN_LOST.inc()

    async def _publish(self, subject: str, payload: bytes) -> None:
        try:
            await self._bus.nc.publish(subject, payload)
        except NatsError:  # viewers' edges hear of the state with their next report
            metrics.SHOWN_LOST.inc()

    # The host's word

    async def direct(self, direct: BroadcastCommand) -> None:
        """Do it, tell the viewers and confirm it; a new state is remembered for all edges."""
        before = self._standing
        match direct.what:
            case BroadcastAction.ANNOUNCE:
                self._notify(rpc.BroadcastNotice(announcement=direct.text))
            case BroadcastAction.STANDBY_MESSAGE:
                self._standing = before.model_copy(update={"standby_message": direct.text})
            case BroadcastAction.GO_LIVE if before.show is ev.Show.STANDBY:
                live = {
                    "show": ev.Show.LIVE,
                    "live_from_ms": self._track_ms(),
                    "live_at_ms": _now_ms(),
                }
                self._standing = before.model_copy(update=live)
        changed = self._standing != before
        if changed:
            self._notify(rpc.BroadcastNotice(state=self._state))
            await self._store()
        self._say(BroadcastAck(direct.what, self._state, changed))

    def follow(self, spec: ev.Spec) -> None:
        """The host has changed what it wants."""
        before, self._spec = self._state, spec
        self._standing = self._with_languages(self._standing)
        if self._state != before:
            self._notify(rpc.BroadcastNotice(state=self._state))

    # Time

    async def run(self) -> None:
        """Publish, count and remember, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish_loop(), name="show")
            group.create_task(self._count_loop(), name="count")

    async def _publish_loop(self) -> None:
        while True:
            await self._publish(*await self._shown.get())

    async def _count_loop(self) -> None:
        counted = time.monotonic()
        while True:
            await asyncio.sleep(DOOR_S)
            self._pass(self._admission.pass_time(time.monotonic()))
            if time.monotonic() - counted >= COUNT_S:
                counted = time.monotonic()
                await self._count()

    async def _count(self) -> None:
        now = self._admission.audience
        told = self._told
        if (now.viewers, now.queued, now.languages) != (told.viewers, told.queued, told.languages):
            self._told = now
            self._say(now)
        await self._store()

    async def _store(self) -> None:
        """What is not stored now is stored with the next count."""
        audience = self._admission.audience
        counts = {
            "viewers": audience.viewers,
            "queued": audience.queued,
            "peak": audience.peak,
            "total": audience.total,
        }
        self._standing = self._standing.model_copy(update=counts)
        if self._standing == self._stored:
            return
        try:
            await self._broadcasts.store(self._token, self._standing)
        except MeshError as exc:
            log.warning("broadcast not stored", code=exc.code)
        else:
            self._stored = self._standing

    # The door

    async def _on_report(self, msg: Msg) -> None:
        try:
            report = codec.decode(rpc.AdmissionReport, msg.data)
            reply, passage = self._admission.report(report, time.monotonic())
            late = report.catch_up and not reply.unknown
            said, named = (self._last_said.events(), tuple(self._named)) if late else ((), ())
            answer = replace(reply, state=self._state, said=said, speakers=named)
            await self._bus.nc.publish(msg.reply, codec.encode(answer))
            self._pass(passage)
        except DragomanError as exc:
            log.warning("report of viewers dropped", code=exc.code)
        except NatsError:
            log.warning("report of viewers not answered")

    def _pass(self, passage: AdmissionChange) -> None:
        audience = self._admission.audience
        for viewer in passage.joined[:MOST_TOLD]:
            self._say(ViewerJoined(viewer.id, viewer.source, viewer.language, audience))
        for viewer_id in passage.left[:MOST_TOLD]:
            self._say(ViewerLeft(viewer_id, audience))
        if passage.call:
            self._notify(rpc.BroadcastNotice(call=True))

    # The end

    async def end(self) -> None:
        """Over: viewers are told, after what is still on its way to them."""
        over = {"show": ev.Show.ENDED, "ended_at_ms": _now_ms()}
        self._standing = self._standing.model_copy(update=over)
        self._notify(rpc.BroadcastNotice(state=self._state))
        await self.leave()
        await self._store()

    async def leave(self) -> None:
        """Another edge goes on with it, or may."""
        if self._subscription is not None:
            with contextlib.suppress(NatsError):
                await self._subscription.unsubscribe()
            self._subscription = None
        while not self._shown.empty():
            await self._publish(*self._shown.get_nowait())


def _slim(event: _RESULTS) -> ev.Event:
    """Without what is the host's or the workers' business."""
    match event:
        case ev.Transcript():
            return replace(event, work=ev.WorkOrder(), words=(), alternatives=())
        case ev.Translation():
            return replace(event, work=ev.WorkOrder(), engine="")
    return event


def _now_ms() -> int:
    return int(time.time() * 1000)
