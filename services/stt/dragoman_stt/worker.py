"""The recogniser's side of the bus: allocation, tracks, heartbeats, drain."""

import asyncio
import contextlib
import time
from collections import Counter as Count

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from prometheus_client import Counter, Gauge

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.audio import AudioFrame, decode_frames
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.events import DENOISE, SPEAKERS
from dragoman_contract.ids import is_safe_token
from dragoman_contract.languages import Available
from dragoman_contract.texts import cleaned
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_stt import rebalance
from dragoman_stt.admission import Admission
from dragoman_stt.engines.base import (
    NoiseSuppressor,
    Recogniser,
    StreamingRecogniser,
    VoiceActivityModel,
)
from dragoman_stt.respelling import respellings
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings
from dragoman_stt.speaker_labels import VoiceHearing
from dragoman_stt.streams import Stepper
from dragoman_stt.track import Track
from dragoman_stt.turn_judging import TurnJudging

log = get(__name__)
TRACKS = Gauge("dragoman_stt_tracks", "Tracks on this worker")
CAPACITY = Gauge("dragoman_stt_capacity", "Maximum number of tracks on this worker")
TAKEN = Counter("dragoman_stt_taken_total", "Tracks accepted")
REFUSED = Counter("dragoman_stt_refusals_total", "Tracks refused", ["reason"])
LOST = Counter("dragoman_stt_lost_total", "Tracks that failed on this worker")
MALFORMED = Counter("dragoman_stt_malformed_total", "Messages that were neither audio nor control")
HEARTBEAT_S = 0.4
HEARTBEAT_TURNS = 20  # in which the tracks heartbeat: all at once would make the edges' audio wait
TURN_S = HEARTBEAT_S / HEARTBEAT_TURNS
PENDING = 65_536
FULL = ("full", "memory")  # for everybody; who is only late still takes those with little
Key = tuple[str, int]  # session id, track


def turns_due(after: float, until: float) -> set[int]:
    """Return the turns that began between two moments (monotonic s), at most all of them.

    They go by the clock: a busy loop that comes back late has them all at once, and no track waits for a
    whole round of late turns.
    """
    first, last = int(after / TURN_S), int(until / TURN_S)
    return {number % HEARTBEAT_TURNS for number in range(max(first, last - HEARTBEAT_TURNS), last)}


class SttWorker:
    """Takes tracks while it has room; a full worker has left the queue group."""

    def __init__(
        self,
        bus: Bus,
        engine: Recogniser | StreamingRecogniser,
        scheduler: Scheduler,
        vad: VoiceActivityModel,
        suppressor: NoiseSuppressor | None,
        settings: SttSettings,
        worker_id: str,
        build: str,
        turns: TurnJudging | None = None,
        voices: VoiceHearing | None = None,
    ) -> None:
        self._bus = bus
        self._engine = engine
        self._languages = Available(respellings(engine.languages()))
        self._scheduler = scheduler
        self._vad = vad
        self._stepper = Stepper(engine, scheduler) if isinstance(engine, StreamingRecogniser) else None
        self._suppressor = suppressor
        self._settings = settings
        self._id = worker_id
        self._build = build
        self._turns = turns
        self._voices = voices if self._stepper is None else None  # a stream tells no voices apart
        self._audio = subjects.worker_audio(worker_id)
        self._tracks: dict[Key, tuple[Track, asyncio.Task[None]]] = {}
        self._admission = Admission(settings, scheduler, worker_id)
        self._allocations: dict[str, Subscription] = {}
        self._room = asyncio.Lock()  # joining and leaving the queue group, one at a time
        self._draining = False
        CAPACITY.set(settings.capacity)

    @property
    def track_count(self) -> int:
        """Return the number of tracks here."""
        return len(self._tracks)

    async def start(self) -> None:
        """Listen for tracks and their audio."""
        nc = self._bus.nc
        await nc.subscribe(subjects.worker_tracks(self._id), cb=self._on_track, pending_msgs_limit=PENDING)
        await nc.subscribe(subjects.capabilities("stt"), queue="stt", cb=self._on_capabilities)
        await nc.subscribe(subjects.WORKER_LOADS, cb=self._on_load, pending_msgs_limit=PENDING)
        await self._make_room()

    async def run(self) -> None:
        """Send heartbeats for every track and keep the queue group right, until the engine hangs.

        A worker whose engine hangs heartbeats no more, so that its tracks are taken over.
        """
        looked_at = time.monotonic() - HEARTBEAT_S
        while not self._scheduler.stuck:
            turns, looked_at = turns_due(looked_at, now := time.monotonic()), now
            with contextlib.suppress(NatsError):  # while the bus is away
                await self._heartbeat(turns)
                if 0 in turns:
                    await self._make_room()
                    await self._tell_load()
                    self._admission.measure(time.monotonic())
                    self._rebalance(time.monotonic())
            await asyncio.sleep(TURN_S)
        log.critical("the engine hangs", tracks=len(self._tracks))

    async def _heartbeat(self, turns: set[int]) -> None:
        """The signs of life of the tracks whose turn it is."""
        for key, (track, _) in list(self._tracks.items()):
            if hash(key) % HEARTBEAT_TURNS in turns:
                await self._bus.publish_event(track.heartbeat(self._draining))

    def _rebalance(self, now: float) -> None:
        """A new worker gets some of the tracks of full ones: the edges move them between two utterances."""
        number = self._live
        more = rebalance.surplus(number, self._admission.fewest(number, now))
        rebalance.mark([track for track, _ in self._tracks.values() if not track.background], more)

    async def drain(self, deadline_s: float) -> None:
        """Take no more tracks and say so in the heartbeats; the edges move them to other workers."""
        self._draining = True
        with contextlib.suppress(NatsError):
            await self._make_room()
        tasks = [task for _, task in self._tracks.values()]
        if tasks and not self._scheduler.stuck:
            await asyncio.wait(tasks, timeout=deadline_s)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    async def _make_room(self) -> None:
        """Be in the queue groups while there is room, in the first while no other has clearly more."""
        async with self._room:
            wanted = self._wanted()
            for subject in wanted - self._allocations.keys():
                made = await self._bus.nc.subscribe(subject, queue="stt", cb=self._on_allocate)
                self._allocations[subject] = made
            for subject in self._allocations.keys() - wanted:
                await self._allocations.pop(subject).unsubscribe()

    def _wanted(self) -> set[str]:
        tracks = self._live
        refusal = self._admission.refusal(tracks)
        if self._draining or refusal in FULL:
            return set()
        names = {"default", self._settings.engine}
        groups = {subjects.allocate_any(name) for name in names}
        if not refusal and not self._admission.yields(tracks, time.monotonic()):
            groups |= {subjects.allocate(name) for name in names}
        return groups

    async def _tell_load(self) -> None:
        tracks = self._live
        room = not self._draining and not self._admission.refusal(tracks)
        load = rpc.WorkerLoad(worker_id=self._id, tracks=tracks, room=room)
        await self._bus.nc.publish(subjects.WORKER_LOADS, codec.encode(load))

    async def _on_load(self, msg: Msg) -> None:
        with contextlib.suppress(DragomanError):
            self._admission.heard(codec.decode(rpc.WorkerLoad, msg.data), time.monotonic())

    async def _on_allocate(self, msg: Msg) -> None:
        try:
            start = cleaned(codec.decode(rpc.StartTrack, msg.data))
            self._admit(start)
        except DragomanError as exc:
            REFUSED.labels(exc.code).inc()
            fault = rpc.Fault(code=exc.code, message=exc.message)
            await msg.respond(codec.encode(rpc.TrackStarted(fault=fault)))
            return
        self._begin(start)
        await self._make_room()
        await self._tell_load()
        await msg.respond(codec.encode(rpc.TrackStarted(worker_id=self._id, engine=self._engine.name)))

    def _admit(self, start: rpc.StartTrack) -> None:
        """Raises: DragomanError, when the track cannot be taken."""
        known = self._tracks.get((start.session_id, start.track))
        if not is_safe_token(start.session_id) or (known and known[0].start.epoch > start.epoch):
            raise PeerError(FaultCode.BAD_REQUEST, "invalid request to start a track")
        if not all(map(self._languages.in_script, start.spec.source_languages)):
            raise PeerError(
                FaultCode.UNSUPPORTED_LANGUAGE,
                "the recogniser does not know this language, or not in this script",
            )
        if start.spec.denoise and self._suppressor is None:  # another one may have it
            raise MeshError(FaultCode.BUSY, "the recogniser has no noise suppressor")
        if start.spec.speakers and self._voices is None:
            raise MeshError(FaultCode.BUSY, "the recogniser does not tell speakers apart")
        refusal = self._refusal(start) if known is None else ""
        if self._draining or refusal:
            raise MeshError(
                FaultCode.BUSY, f"the recogniser accepts no more tracks ({refusal or 'stopping'})"
            )

    def _refusal(self, start: rpc.StartTrack) -> str:
        """Why the track is not taken; imports count for themselves."""
        if start.work.background:
            return self._admission.refusal_of_import(self._live, len(self._tracks) - self._live)
        held = Count(track.account for track, _ in self._tracks.values() if not track.background)
        return self._admission.refusal_of(start.work.account_id, held)

    @property
    def _live(self) -> int:
        return sum(not track.background for track, _ in self._tracks.values())

    def _begin(self, start: rpc.StartTrack) -> None:
        key = (start.session_id, start.track)
        if key in self._tracks:
            _, old = self._tracks.pop(key)
            old.cancel()
        settings = self._settings
        track = Track(
            self._bus,
            self._scheduler,
            self._vad,
            self._suppressor,
            self._id,
            start,
            settings.backlog_s,
            settings.idle_s,
            settings.segments,
            self._stepper,
            self._turns,
            self._voices,
        )
        task = asyncio.create_task(self._run(key, track), name=f"track-{start.track}")
        self._tracks[key] = track, task
        task.add_done_callback(lambda _: self._ended(key, track))  # also if it never took a step
        TAKEN.inc()
        TRACKS.set(len(self._tracks))

    async def _run(self, key: Key, track: Track) -> None:
        try:
            await track.run()
        except* DragomanError as group:
            codes = [str(exc) for exc in group.exceptions]
            log.error("track failed", session=key[0], errors=codes)
            LOST.inc()
        except* Exception:
            log.exception("track failed", session=key[0])
            LOST.inc()

    def _ended(self, key: Key, track: Track) -> None:
        if key in self._tracks and self._tracks[key][0] is track:
            del self._tracks[key]
        TRACKS.set(len(self._tracks))

    async def _on_track(self, msg: Msg) -> None:
        try:
            if msg.subject == self._audio:
                for frame in decode_frames(msg.data):
                    self._put((frame.session_id, frame.track), frame)
            else:
                key = subjects.parse_control(msg.subject)
                self._put(key, cleaned(codec.decode(rpc.TrackControl, msg.data)))
        except (DragomanError, ValueError):
            MALFORMED.inc()

    def _put(self, key: Key, item: AudioFrame | rpc.TrackControl) -> None:
        """To its track, if it is here."""
        found = self._tracks.get(key)
        if found is None:
            return
        track, task = found
        try:
            track.put(item)
        except DragomanError as exc:  # the edge gives the track to another when the heartbeats stop
            log.error("track failed", session=key[0], errors=[str(exc)])
            LOST.inc()
            task.cancel()

    async def _on_capabilities(self, msg: Msg) -> None:
        reply = rpc.CapabilitiesReply(
            source_languages=tuple(sorted(respellings(self._engine.languages()))),
            features=self._features(),
            build=self._build,
        )
        await msg.respond(codec.encode(reply))

    def _features(self) -> tuple[str, ...]:
        has = {DENOISE: self._suppressor is not None, SPEAKERS: self._voices is not None}
        return tuple(name for name, there in has.items() if there)
