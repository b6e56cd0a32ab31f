"""The recogniser's side of the bus: allocation, tracks, beats, drain."""

import asyncio
import time

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from prometheus_client import Counter, Gauge

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.audio import decode_frame
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_stt.engines.base import Recogniser, VoiceActivityModel
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings
from dragoman_stt.track import Track

log = get(__name__)
TRACKS = Gauge("dragoman_stt_tracks", "Tracks on this worker")
CAPACITY = Gauge("dragoman_stt_capacity", "Tracks this worker takes")
REFUSED = Counter("dragoman_stt_refusals_total", "Tracks refused", ["reason"])
MALFORMED = Counter("dragoman_stt_malformed_total", "Messages that were no audio and no control")
BEAT_S = 0.4
PENDING = 65_536


class SttWorker:
    """Takes tracks while it has room; a full worker has left the queue group."""

    def __init__(
        self,
        bus: Bus,
        engine: Recogniser,
        scheduler: Scheduler,
        vad: VoiceActivityModel,
        settings: SttSettings,
        worker_id: str,
        build: str,
    ) -> None:
        self._bus = bus
        self._engine = engine
        self._scheduler = scheduler
        self._vad = vad
        self._settings = settings
        self._id = worker_id
        self._build = build
        self._tracks: dict[tuple[str, int], Track] = {}
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._allocations: list[Subscription] = []
        self._draining = False
        CAPACITY.set(settings.capacity)

    async def start(self) -> None:
        """Listen for tracks and their audio."""
        nc = self._bus.nc
        await nc.subscribe(subjects.worker_tracks(self._id), cb=self._on_track, pending_msgs_limit=PENDING)
        await nc.subscribe(subjects.capabilities("stt"), queue="stt", cb=self._on_capabilities)
        await self._join()

    async def beat(self) -> None:
        """Send beats for ever, and end tracks whose edge has vanished."""
        while True:
            await asyncio.sleep(BEAT_S)
            for track in list(self._tracks.values()):
                await self._bus.publish_event(track.beat())
                if time.monotonic() - track.heard_at > self._settings.idle_s:
                    await track.end()
                    self._forget(track)

    async def drain(self, deadline_s: float) -> None:
        """Take no more tracks, and wait for those there are."""
        self._draining = True
        await self._leave()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=deadline_s)
        for task in self._tasks.values():
            task.cancel()

    async def _join(self) -> None:
        names = {"default", self._settings.engine}
        if self._allocations or self._draining:
            return
        for name in sorted(names):
            subscription = await self._bus.nc.subscribe(
                subjects.allocate(name), queue="stt", cb=self._on_allocate
            )
            self._allocations.append(subscription)

    async def _leave(self) -> None:
        subscriptions, self._allocations = self._allocations, []
        for subscription in subscriptions:
            await subscription.unsubscribe()

    async def _on_allocate(self, msg: Msg) -> None:
        try:
            start = codec.decode(rpc.StartTrack, msg.data)
        except DragomanError as exc:
            await self._refuse(msg, exc.code)
            return
        if len(self._tracks) >= self._settings.capacity or self._draining:
            await self._refuse(msg, FaultCode.BUSY)
            return
        self._begin(start)
        if len(self._tracks) >= self._settings.capacity:
            await self._leave()
        started = rpc.TrackStarted(worker_id=self._id, engine=self._engine.name)
        await msg.respond(codec.encode(started))

    async def _refuse(self, msg: Msg, code: FaultCode) -> None:
        REFUSED.labels(code).inc()
        await msg.respond(codec.encode(rpc.TrackStarted(fault=rpc.Fault(code=code, message="not taken"))))

    def _begin(self, start: rpc.StartTrack) -> None:
        key = (start.session_id, start.track)
        if (old := self._tracks.get(key)) is not None:
            self._forget(old)
        track = Track(self._bus, self._scheduler, self._vad, self._id, start, self._settings.backlog_s)
        self._tracks[key] = track
        task = asyncio.create_task(self._run(track), name=f"track-{start.track}")
        self._tasks[key] = task
        TRACKS.set(len(self._tracks))

    async def _run(self, track: Track) -> None:
        try:
            await track.run()
        except DragomanError as exc:
            log.error("track failed", session=track.start.session_id, code=exc.code)
        except Exception:
            log.exception("track failed", session=track.start.session_id)
        finally:
            self._forget(track)

    def _forget(self, track: Track) -> None:
        key = (track.start.session_id, track.start.track)
        if self._tracks.get(key) is not track:
            return
        del self._tracks[key]
        task = self._tasks.pop(key, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        TRACKS.set(len(self._tracks))
        if not self._draining:
            self._rejoin = asyncio.create_task(self._join())

    async def _on_track(self, msg: Msg) -> None:
        try:
            session_id, number, kind = subjects.parse_track(msg.subject)
            track = self._tracks.get((session_id, number))
            if track is not None:
                track.put(
                    decode_frame(msg.data) if kind == "audio" else codec.decode(rpc.TrackControl, msg.data)
                )
        except (DragomanError, ValueError):
            MALFORMED.inc()

    async def _on_capabilities(self, msg: Msg) -> None:
        languages = tuple(self._engine.languages())
        reply = rpc.CapabilitiesReply(source_languages=languages, build=self._build)
        await msg.respond(codec.encode(reply))
