"""A live session: its tracks, the order of its results, its money. It may outlive its client's socket."""

import asyncio
import contextlib
import time
from dataclasses import asdict, dataclass, replace

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError, error_for
from dragoman_contract.ids import new_id
from dragoman_edge import metrics, records
from dragoman_edge.accounts import Accounts
from dragoman_edge.audio import Inbound
from dragoman_edge.broadcast import Stage
from dragoman_edge.broadcasts import Broadcasts
from dragoman_edge.capabilities import Capabilities
from dragoman_edge.carrier import Carrier
from dragoman_edge.commands import JOBS, AudioFormat, Direct, Happening, Job, Open, Opened, Resumed
from dragoman_edge.delivered import Delivered
from dragoman_edge.fleet import Fleet
from dragoman_edge.gathering import Gathering
from dragoman_edge.jobs import Jobs
from dragoman_edge.marks import Marks
from dragoman_edge.meter import Meter
from dragoman_edge.outbox import Item, Outbox
from dragoman_edge.plan import recogniser_spec, work_order
from dragoman_edge.reassembly import Reassembler
from dragoman_edge.records import Link, Record, hashed, new_token, pack
from dragoman_edge.replay import Place, last_stored, read_back
from dragoman_edge.resources import Resources
from dragoman_edge.sent import Sent
from dragoman_edge.settings import EdgeSettings
from dragoman_edge.timeline import Timeline
from dragoman_edge.track import TrackLink
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
WATCH_S = 0.2
STANDSTILL_S = 1.0  # a pause of the watch that is no fault of the recognisers
NOT_BEGUN = "not_begun"  # why a session is released that never was live
RECORD_EVERY_S = 2.0  # a client that lost its edge gets again what came since the last record
BEAT_WAIT_S = 1.5  # for a recogniser to say what it has heard
USAGE_PATIENCE_S = 5.0  # the next report replaces one that was not stored
PENDING_EVENTS = 4096  # messages of one session that may wait for the edge
REPLACE_TRIES_S = 10.0  # how long a lost recogniser may stay without a successor


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session of this replica shares."""

    settings: EdgeSettings
    edge_id: str
    bus: Bus
    carrier: Carrier
    accounts: Accounts
    capabilities: Capabilities
    fleet: Fleet
    marks: Marks
    resources: Resources
    broadcasts: Broadcasts
    resume_window_s: float
    gathering: Gathering


@dataclass(frozen=True, slots=True)
class Taken:
    """A session that was taken over: its record, what its client has, and the recognisers' links if near.

    `audio_from` is None when the client sends on without counting.
    """

    record: Record
    token: str
    received: Delivered
    audio_from: int | None
    links: "dict[int, TrackLink]"


class LiveSession:
    """One session from its grant to its settlement. `outbox` is what its client gets.

    A resumable session lives on without its client for a while; whoever resumes it takes it over.
    """

    def __init__(self, parts: Parts, wanted: Open, reply: rpc.OpenReply, taken: Taken | None = None) -> None:
        if reply.grant is None:
            raise MeshError(FaultCode.INTERNAL, "accounts granted nothing")
        self.resumable = wanted.resumable
        self.grant = reply.grant
        self.id = reply.grant.session_id
        self.spec = wanted.spec
        self.outbox = Outbox(parts.settings.outbox_bytes)
        self._parts = parts
        self._wanted = wanted
        self._audio_in = wanted.audio_in
        self._inbound = Inbound(wanted.audio_in, parts.gathering)
        self._sending = asyncio.Lock()  # the reader's audio, and the watch's
        self._taken = taken
        self._meter = Meter(self.id, reply.grant.account_id, parts.edge_id, self._used(reply))
        self._order = self._ordering()
        self._jobs = Jobs(parts.bus, self.id, self._order)
        self._delivered = taken.record.got() if taken else Delivered()
        self._known = taken.received.or_else(taken.record.got()) if taken else Delivered()
        self._token = taken.token if taken else (new_token(self.id) if self.resumable else "")
        self._sent = Sent(self._known)
        self._surely: Delivered | None = None  # once its client is gone
        self._heard: dict[int, int] = {}  # by track, the samples that its recogniser has
        self._started_at_ms = taken.record.started_at_ms if taken else int(time.time() * 1000)
        self._links = {track.track: self._link(track) for track in self.spec.tracks}
        self._handover: Subscription | None = None
        self._detached_at: float | None = None
        self._recorded_at = 0.0
        self._written = taken.record.sequence if taken else 0  # of the session's last record
        self._writing = asyncio.Lock()
        self._hold = new_id("h_")
        self._gone = False  # it goes on at another edge
        self._subscription: Subscription | None = None
        self._outages = 0  # of the bus, up to which this session has caught up
        self._safe: Place = {}  # everything up to here has come; whoever takes over reads what came after it
        self._taken_s = metrics.AUDIO_SECONDS.labels(wanted.spec.dialect)
        self._started = time.monotonic()
        self._audio_at = self._started
        self._lost_at: dict[int, float] = {}
        self._finish_by: float | None = None
        self._flush_at: float | None = None
        self._error: DragomanError | None = None
        self._done = asyncio.Event()
        self._covered = asyncio.Event()
        self._timeline = Timeline(self.id)
        self._stage = self._staged(wanted)

    def _used(self, reply: rpc.OpenReply) -> ev.Usage | None:
        """What was used before; of a session taken over, up to its record: what came after counts again."""
        if self._taken is None or reply.usage is None:
            return reply.usage
        used = self._taken.record.usage
        return replace(
            reply.usage,
            recognised_ms=used["recognised_ms"],
            translated_ms=used["translated_ms"],
            synthesised_ms=used["synthesised_ms"],
        )

    def _ordering(self) -> Reassembler:
        wait_ms = int(self._parts.settings.result_wait_s * 1000)
        if self._taken is not None:
            order = Reassembler.restore(self._taken.record.cursor, now_ms=_now_ms(), max_wait_ms=wait_ms)
            for track in self.spec.tracks:  # one may have joined after the record
                order.add(track.track)
            return order
        return Reassembler(tracks=[track.track for track in self.spec.tracks], max_wait_ms=wait_ms)

    def _staged(self, wanted: Open) -> Stage | None:
        if wanted.broadcast is None:
            return None
        parts = self._parts
        return Stage(parts.bus, parts.broadcasts, wanted.broadcast.name, self.spec, self._say, self._track_ms)

    def _track_ms(self) -> int:
        return max(link.ring.end for link in self._links.values()) * 1000 // SAMPLE_RATE

    def _link(self, track: ev.TrackSpec) -> TrackLink:
        parts = self._parts
        return TrackLink(
            parts.bus,
            parts.carrier,
            self.id,
            track.track,
            self.grant.enrichment.stt.engine,
            *self._orders(track),
            parts.settings.backlog_s,
        )

    def _orders(self, track: ev.TrackSpec) -> tuple[rpc.RecogniserSpec, ev.WorkOrder]:
        english = self._parts.capabilities.wants_english(track)
        return recogniser_spec(self.spec, track, self.grant, english), self._work(track)

    def _work(self, track: ev.TrackSpec) -> ev.WorkOrder:
        return work_order(self.spec, track, self.grant)

    async def begin(self) -> None:
        """Listen to the session's events and take its recognisers.

        Raises:
            MeshError: `BUSY`, when the fleet is full; `UNAVAILABLE`, when another edge takes the session too.
        """
        if self._taken is not None:
            await self._write()  # from now on it is ours
        self._outages = self._parts.bus.disturbances
        if self._taken is None:
            self._safe = await last_stored(self._parts.bus)
        await self._subscribe()
        if self._stage is not None:
            await self._stage.begin(resumed=self._taken is not None)
        if self._taken is None:
            for link in self._links.values():
                await link.start()
            self.outbox.put(self._opened(None))
        else:
            await self._go_on(self._taken)
        metrics.SESSIONS.labels(self.spec.dialect).inc()
        await self.record()

    async def _subscribe(self) -> None:
        nc = self._parts.bus.nc
        self._subscription = await nc.subscribe(
            subjects.session_events(self.id), cb=self._on_message, pending_msgs_limit=PENDING_EVENTS
        )
        if self.resumable:
            self._handover = await nc.subscribe(
                subjects.session_handover(self.id), cb=self._on_handover, pending_msgs_limit=4
            )

    def _opened(self, resumed: Resumed | None) -> Opened:
        window_ms = int(self._parts.resume_window_s * 1000) if self.resumable else 0
        on_air = self._stage.on_air if self._stage else None
        notices = self._parts.capabilities.notices(self.spec) if resumed is None else ()
        return Opened(self.id, self._started_at_ms, self._token, window_ms, resumed, on_air, notices)

    async def _go_on(self, taken: Taken) -> None:
        """Take the recognisers over, and read back what was made since the record."""
        self._safe = dict(taken.record.since)
        begin = await self._adopt(taken)
        self.outbox.put(self._opened(Resumed(self.spec, begin)))
        async for event in read_back(self._parts.bus, self.id, self._safe):
            await self._on_event(event)
        await self._speak_again("resumed")

    async def _adopt(self, taken: Taken) -> int:
        """The sample from which the client has to send."""
        begins = []
        for known in taken.record.links:
            mine = taken.links.get(known.track)
            if mine is not None:
                self._links[known.track] = mine
            else:
                mine = self._links[known.track]
                covered = self._order.covered_samples(known.track)
                mine.adopt(known.worker_id, known.epoch, covered, known.ended)
                if taken.audio_from is None and not known.ended:
                    begins.append(max(known.end, await self._hearing(known.track)))
            begins.append(max(mine.ring.end, taken.audio_from or 0))
        begin = max(begins, default=0)
        for link in self._links.values():
            if not link.ended:
                await link.fill(begin)
        return begin

    async def _hearing(self, track: int) -> int:
        """The samples that the track's recogniser has, as its next beat says; 0 when none comes in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT_WAIT_S):
                while track not in self._heard:
                    self._covered.clear()
                    await self._covered.wait()
        return self._heard.get(track, 0)

    async def run(self) -> None:
        """Live until the results are all out, or the session is aborted; then settle."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._renew_loop(), name="renew"),
                    group.create_task(self._watch_loop(), name="watch"),
                ]
                if self._stage is not None:
                    tasks.append(group.create_task(self._stage.run(), name="stage"))
                await self._done.wait()
                await end(*tasks)
        except asyncio.CancelledError:
            self._gone = self.resumable  # this process is ended by force: another edge goes on
            raise
        finally:
            metrics.SESSIONS.labels(self.spec.dialect).dec()
            await self.release()

    async def release(self, reason: str = "") -> None:
        """Let the recognisers go, stop listening and settle. Safe to repeat."""
        if self._detached_at is not None:
            metrics.DETACHED.dec()
            self._detached_at = None
        again = self._wanted.promised and reason == NOT_BEGUN  # under the same id: its slot only lapses
        if self._gone or again or not await self._last_word():
            metrics.CLOSED.labels(self.spec.dialect, reason or "handed_over").inc()
            if again and not self._gone:
                await self._let_go()
            await self._deafen()
            if self._stage is not None:
                await self._stage.leave()
            return
        self._timeline.close()
        await self._let_go()
        await self._deafen()
        reason = reason or (str(self._error.code) if self._error else "ended")
        metrics.CLOSED.labels(self.spec.dialect, reason).inc()
        self._count_reassembly()
        if self._stage is not None:
            await self._stage.end()
        await self._settle(reason)
        await self._end_life(reason)
        log.info("session ended", session=self.id, reason=reason)

    async def _let_go(self) -> None:
        if self._subscription is not None:
            for link in self._links.values():
                await link.cancel()

    async def _end_life(self, reason: str) -> None:
        if self._wanted.promised:
            try:
                await self._parts.resources.end(self.grant.account_id, self.id, reason)
            except MeshError as exc:
                log.warning("end not remembered", session=self.id, code=exc.code)

    async def _deafen(self) -> None:
        for subscription in (self._subscription, self._handover):
            if subscription is not None:
                with contextlib.suppress(NatsError):
                    await subscription.unsubscribe()
        self._subscription = self._handover = None

    @property
    def over(self) -> bool:
        """Whether its results are out, or will not come: nobody can go on with it."""
        return self._done.is_set() and not self._gone

    # Without its client

    def detach(self) -> None:
        """The socket broke: live on, so that the client may resume."""
        self.outbox.detach()
        if self._detached_at is None:
            self._detached_at = time.monotonic()
            self._surely = self._sent.surely(self._detached_at)
            metrics.DETACHED.inc()
            log.info("client gone; the session waits", session=self.id)

    def taken_away(self) -> tuple[Record, dict[int, TrackLink]]:
        """Give the session to whoever resumes it; from now on nothing here touches it."""
        record = self._record().model_copy(update={"sequence": self._written})
        self._gone = True
        self.abort()
        return record, self._links

    async def leave(self) -> None:
        """This replica stops: close the socket and let another one go on."""
        await self.record()
        self._gone = True
        self.abort(MeshError(FaultCode.DRAINING, "this server is stopping; resume the session"))

    async def _on_handover(self, msg: Msg) -> None:
        if self._gone or self._done.is_set():
            return
        record, _ = self.taken_away()
        await records.hand_over(self._parts.bus, msg, record)

    async def record(self) -> None:
        """Write down what another edge needs to go on; one that cannot be written is replaced by the next."""
        self._recorded_at = time.monotonic()
        self._safe_place()
        if not self.resumable or self._gone:
            return
        try:
            await self._write()
        except MeshError:
            log.warning("session record not stored", session=self.id)

    async def _write(self, ended: bool = False) -> None:
        """One record after the other; when another edge has written one, the session is not ours any more.

        A record that is on its way is waited for even by who is cancelled: the next one must know of it.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        task = asyncio.create_task(self._write_next(ended), name="record")
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    async def _write_next(self, ended: bool) -> None:
        async with self._writing:
            record = self._record().model_copy(update={"ended": ended})
            try:
                self._written = await records.store(self._parts.bus, record, self._written)
            except records.Fenced:
                log.warning("session is at another edge", session=self.id)
                metrics.FENCED.inc()
                self._gone = True
                gone = MeshError(FaultCode.DRAINING, "the session goes on at another server; resume it")
                self.abort(gone)
                raise gone from None

    async def _last_word(self) -> bool:
        """Whether the end of the session is ours to tell."""
        if self.resumable:
            with contextlib.suppress(MeshError):  # of a bus that is away: the record lapses by itself
                await self._write(ended=True)
        return not self._gone

    def _safe_place(self) -> Place:
        """Moves on with time, but not while something may have been missed."""
        if self._caught_up:
            self._safe = self._parts.marks.back(self._safe, time.monotonic())
        return self._safe

    @property
    def _caught_up(self) -> bool:
        bus = self._parts.bus
        return bus.connected and bus.disturbances == self._outages

    def _record(self) -> Record:
        links = [
            Link(
                track=link.track,
                epoch=link.epoch,
                worker_id=link.worker_id,
                ended=link.ended,
                end=link.ring.end,
            )
            for link in self._links.values()
        ]
        return Record(
            session_id=self.id,
            account_id=self.grant.account_id,
            token_hash=hashed(self._token),
            spec=pack(self.spec),
            audio_in=asdict(self._wanted.audio_in),
            audio_out=asdict(self._wanted.audio_out),
            started_at_ms=self._started_at_ms,
            at_ms=int(time.time() * 1000),
            since=self._safe_place(),
            delivered=asdict(self._delivered),
            cursor=self._order.snapshot(),
            links=links,
            usage=self._meter.figures(),
            writer=self._hold,
            surely=asdict(self._surely or self._sent.surely(time.monotonic())),
        )

    # What the client does

    async def audio(self, data: bytes, fmt: AudioFormat | None = None) -> float:
        """Take speech in the session's format, or in `fmt`; the seconds of audio that were passed on.

        Small frames are gathered: a message on the bus for each would cost more than all the rest.

        Raises:
            PeerError: the bytes are not audio of the format.
        """
        if self._finish_by is not None:
            return 0.0
        if fmt is not None and fmt != self._inbound.format:
            await self._convert_from(fmt)
        self._audio_at = time.monotonic()
        return await self._pass_on() if self._inbound.add(data) else 0.0

    async def _convert_from(self, fmt: AudioFormat) -> None:
        """Another format; what the converter before it still holds goes out first."""
        async with self._sending:
            rest = self._inbound.finish()
            self._inbound = Inbound(fmt, self._parts.gathering)
            await self._send(rest)

    async def _pass_on(self) -> float:
        """What was gathered, to the recognisers; its seconds."""
        if not self._inbound.waiting or self._finish_by is not None:
            return 0.0
        async with self._sending:
            channels = self._inbound.take()
            await self._send(channels)
        seconds = len(channels[0]) / BYTES_PER_SAMPLE / SAMPLE_RATE
        self._taken_s.inc(seconds)
        return seconds

    async def _send(self, channels: list[bytes]) -> None:
        links = list(self._links.values())
        for link, pcm in zip(links, channels, strict=False):
            if pcm:
                await link.send(pcm)
                self._meter.heard(len(pcm) // BYTES_PER_SAMPLE)
        for link in links[len(channels) :]:  # a track without a channel stays in time with the others
            await link.fill(links[0].ring.end)

    async def room(self) -> None:
        """Wait while so much audio waits for the recogniser that no more can be taken.

        Raises:
            MeshError: `TIMEOUT`, when none of it was recognised for as long as it is.
        """
        while any(link.ring.full for link in self._links.values()) and not self._done.is_set():
            metrics.BACKLOG_FULL.inc()
            self._covered.clear()
            try:
                async with asyncio.timeout(self._parts.settings.backlog_s):
                    await self._covered.wait()
            except TimeoutError:
                raise MeshError(FaultCode.TIMEOUT, "recognition is too far behind the audio") from None

    async def flush(self, grace_ms: int = 0) -> None:
        """Finish the utterances that are open, now or when `grace_ms` have passed."""
        if grace_ms:
            self._flush_at = time.monotonic() + grace_ms / 1000
            return
        self._flush_at = None
        await self._pass_on()
        for link in self._links.values():
            await link.flush()

    async def update(self, spec: ev.Spec) -> None:
        """Go on as `spec` says, from the audio that is sent next; accounts and the workers can do it.

        Raises:
            MeshError: `BUSY`, when there is no recogniser for a track that joins; nothing is changed.
        """
        if self._finish_by is not None:
            return
        await self._pass_on()
        before, self.spec = self.spec, spec
        try:
            for track in spec.tracks:
                if track.track not in self._links:
                    await self._join(track)
        except DragomanError:
            self.spec = before
            raise
        for track in spec.tracks:
            await self._links[track.track].update(*self._orders(track))
        if self._stage is not None:
            self._stage.follow(spec)
        await self.record()

    async def _join(self, track: ev.TrackSpec) -> None:
        """One more track, in time with the others."""
        link = self._link(track)
        await link.join(max((other.ring.end for other in self._links.values()), default=0))
        self._order.add(track.track)
        self._links[track.track] = link

    async def job(self, job: Job) -> None:
        """Translate or speak a text beside the utterances.

        Raises:
            PeerError: too many jobs.
        """
        if self._finish_by is None:
            self._release_all(await self._jobs.take(job, self._work(self.spec.tracks[0]), _now_ms()))

    async def direct(self, direct: Direct) -> None:
        """What the host of a broadcast does."""
        if self._stage is not None and self._finish_by is None:
            await self._stage.direct(direct)

    async def finish(self, error: DragomanError | None = None) -> None:
        """No more audio: results in hand still go out, then `error` if there is one, then the end."""
        if self._finish_by is not None:
            return
        self._error = error
        self._finish_by = time.monotonic() + self._parts.settings.finish_s
        self._tell(ev.State.ENDING)
        async with self._sending:
            await self._send(self._inbound.finish())
        for link in self._links.values():
            await link.end()
        self._release_all(self._jobs.end(_now_ms()))

    def wrote(self, item: Item) -> None:
        """An item of the outbox went to the socket."""
        if isinstance(item, ev.Transcript | ev.Translation | ev.SpeechChunk):
            self._sent.wrote(item, time.monotonic())

    def _tell(self, state: ev.State) -> None:
        self._say(ev.Status(session_id=self.id, state=state))

    def _say(self, happening: Happening) -> None:
        try:
            self.outbox.put(happening)
        except PeerError as exc:
            self.abort(exc)

    def abort(self, error: DragomanError | None = None) -> None:
        """End now; what waits in the outbox still goes out."""
        self._error = self._error or error
        self.outbox.close(self._error)
        self._done.set()
        self._covered.set()

    # What the mesh does

    async def _on_message(self, msg: Msg) -> None:
        try:
            event = codec.decode_event(msg.data)
            await self._on_event(event)
        except DragomanError as exc:
            log.warning("event dropped", session=self.id, code=exc.code)
            if exc.code is FaultCode.TOO_SLOW:
                self.abort(exc)

    async def _on_event(self, event: ev.Event) -> None:
        if self._gone:
            return
        if isinstance(event, ev.EndSession):
            await self.finish(error_for(event.code, event.message))
            return
        self._release_all(self._order.accept(event, _now_ms()))
        if isinstance(event, ev.Beat):
            await self._on_beat(event)

    async def _on_beat(self, beat: ev.Beat) -> None:
        link = self._links.get(beat.track)
        if link is not None and beat.epoch >= link.epoch:
            self._heard[beat.track] = beat.received_samples
            await link.on_beat(beat, self._order.covered_samples(beat.track))
            self._covered.set()

    def _release_all(self, events: list[ev.Event]) -> None:
        for event in events:
            self._release(event)
        if self._order.complete and not self._done.is_set():
            self.outbox.put(self._meter.report(closing=True))
            if self._error is None:
                self._tell(ev.State.ENDED)
            self.abort()

    def _release(self, event: ev.Event) -> None:
        if isinstance(event, ev.Transcript) and event.track == JOBS:  # the client knows the text
            return
        self._meter.released(event)
        if self._stage is not None:
            self._stage.released(event)
        link = self._links.get(event.track) if isinstance(event, ev.Transcript) else None
        self._timeline.observe(event, link.ring if link else None)
        if link is not None and isinstance(event, ev.Transcript) and event.final:
            link.ring.cover(event.covered_samples)
            self._covered.set()
        wanted = self._delivered.take(event, self._known)
        if wanted is not None and not isinstance(event, ev.TrackEnded):
            self.outbox.put(wanted)

    # What time does

    async def _watch_loop(self) -> None:
        while True:
            slept = time.monotonic()
            await asyncio.sleep(WATCH_S)
            self._forgive(time.monotonic() - slept)
            if time.monotonic() - self._audio_at > self._parts.gathering.ms / 1000:
                await self._pass_on()  # the client pauses
            await self._catch_up()
            for link in self._links.values():
                await self._watch_recogniser(link)
            self._release_all(self._order.expire(_now_ms()))
            if self._flush_at is not None and time.monotonic() >= self._flush_at:
                await self.flush()
            await self._watch_limits()
            # What comes while the client is gone is read back: the records of the time before are needed.
            if self._detached_at is None and time.monotonic() - self._recorded_at > RECORD_EVERY_S:
                await self.record()

    def _forgive(self, slept_s: float) -> None:
        """This process stood still: the beats of that time are still to be read."""
        if slept_s > STANDSTILL_S:
            for link in self._links.values():
                link.beat_at = time.monotonic()

    async def _catch_up(self) -> None:
        """After an outage of the bus: what was published meanwhile is in the streams."""
        bus = self._parts.bus
        if self._caught_up or not bus.connected:
            return
        disturbances = bus.disturbances
        metrics.CAUGHT_UP.inc()
        try:
            async for event in read_back(bus, self.id, self._safe):
                await self._on_event(event)
            await self._speak_again("outage")
            for link in self._links.values():
                await link.remind()
        except MeshError as exc:
            log.warning("catching up failed; it is tried again", session=self.id, code=exc.code)
            return
        self._outages = disturbances

    async def _speak_again(self, why: str) -> None:
        """Ask for speech that is due once more: a restarted server has lost what it held in memory.

        The identity is of this moment and edge: another edge may have asked a minute ago, in vain.
        """
        moment = f"{self._parts.edge_id}.{int(time.time() * 1000)}"
        for translation in self._order.awaiting_speech():
            payload = codec.encode_event(translation)
            identity = f"{subjects.message_id(translation)}.{why}.{moment}"
            await self._parts.bus.store(subjects.event(translation), payload, identity)

    async def _watch_recogniser(self, link: TrackLink) -> None:
        now = time.monotonic()
        settings = self._parts.settings
        if not self._parts.bus.connected:
            link.beat_at = now  # nobody can be heard; after the outage everybody has his time again
        if now - link.beat_at < settings.beat_timeout_s:
            self._lost_at.pop(link.track, None)
            if link.leaves_now:
                await self._move(link)
            return
        lost_at = self._lost_at.setdefault(link.track, now)
        if lost_at == now:
            metrics.FAILOVERS.labels("silent").inc()
            self.outbox.put(ev.Status(session_id=self.id, state=ev.State.RECOVERING))
        try:
            self._order.new_epoch(link.track, link.epoch + 1)  # what it still says is not waited for
            await self._replace(link)
        except MeshError as exc:
            if now - lost_at > REPLACE_TRIES_S:
                self.abort(exc)
            return
        self.outbox.put(ev.Status(session_id=self.id, state=ev.State.CONNECTED))

    async def _move(self, link: TrackLink) -> None:
        """Take a recogniser in place of one that is about to stop; while there is none, it goes on."""
        try:
            await self._replace(link)
        except MeshError as exc:
            log.warning("no recogniser in place of one that stops", session=self.id, code=exc.code)
        else:
            metrics.FAILOVERS.labels("draining").inc()

    async def _replace(self, link: TrackLink) -> None:
        await self.record()
        if self._gone:  # whoever has the session looks after its recognisers
            return
        first_sample = self._order.covered_samples(link.track)
        await link.replace(self._order.next_utterance(link.track), first_sample)
        self._order.new_epoch(link.track, link.epoch)
        await self.record()

    async def _watch_limits(self) -> None:
        now = time.monotonic()
        settings = self._parts.settings
        if self._detached_at is not None and now - self._detached_at > self._parts.resume_window_s:
            self.abort(PeerError(FaultCode.SESSION_ENDED, "the client did not come back"))
        elif self._finish_by is not None:
            if now > self._finish_by:
                self.abort(MeshError(FaultCode.TIMEOUT, "some results did not come in time"))
        elif self._detached_at is None and now - self._audio_at > settings.idle_s:
            await self.finish(PeerError(FaultCode.IDLE, f"no audio for {settings.idle_s:.0f} s"))
        elif now - self._started > self._longest_s():
            await self.finish(PeerError(FaultCode.TOO_LONG, f"longer than {self._longest_s():.0f} s"))

    def _longest_s(self) -> float:
        own = self._parts.settings.max_session_s
        granted = self.grant.max_duration_ms / 1000
        return min(own, granted) if granted else own

    # Money

    async def _renew_loop(self) -> None:
        """Keep the lease; a refusal ends the session, an outage of accounts only after the grace time."""
        interval = max(0.2, self.grant.lease_ttl_ms / 3000)
        answered = time.monotonic()
        while True:
            await asyncio.sleep(interval)
            try:
                await self._renew()
                answered = time.monotonic()
            except PeerError as exc:
                await self.finish(exc)
            except MeshError as exc:
                log.warning("renewal failed", session=self.id, code=exc.code)
                if time.monotonic() - answered > self._parts.settings.accounts_grace_s:
                    await self.finish(exc)

    async def _renew(self) -> None:
        usage = self._meter.report()
        self.outbox.put(usage)
        request = rpc.RenewRequest(
            session_id=self.id, account_id=self.grant.account_id, edge_id=self._parts.edge_id, usage=usage
        )
        try:
            await self._parts.accounts.ask(request, rpc.RenewReply)
        except MeshError:
            await self._store(usage)
            raise
        if self._wanted.promised:  # the order to end it may have been lost
            life = await self._parts.resources.life(self.grant.account_id, self.id)
            if life.ended_at_ms:
                raise PeerError(FaultCode.SESSION_ENDED, "the session was ended")

    async def _settle(self, reason: str) -> None:
        """Tell accounts the last figures."""
        usage = self._meter.report(closing=True)
        request = rpc.CloseRequest(
            session_id=self.id,
            account_id=self.grant.account_id,
            usage=usage,
            reason=reason,
            edge_id=self._parts.edge_id,
        )
        try:
            await self._parts.accounts.ask(request, rpc.CloseReply)
        except DragomanError as exc:
            log.warning("settlement is left to the usage stream", session=self.id, code=exc.code)
            await self._store(usage)

    async def _store(self, usage: ev.Usage) -> None:
        """On the stream, when accounts did not answer: an outage only delays billing."""
        payload = codec.encode_event(usage)
        try:
            await self._parts.bus.store(
                subjects.usage(self.id), payload, subjects.message_id(usage), USAGE_PATIENCE_S
            )
        except MeshError:
            log.warning("usage not stored", session=self.id)

    def _count_reassembly(self) -> None:
        order = self._order
        metrics.REASSEMBLY.labels("duplicate").inc(order.duplicates_dropped)
        metrics.REASSEMBLY.labels("stale").inc(order.stale_dropped)
        metrics.REASSEMBLY.labels("gap_filled").inc(order.gaps_filled)
        metrics.REASSEMBLY.labels("late").inc(order.late_dropped)


def _now_ms() -> int:
    return int(time.monotonic() * 1000)
