"""One track on this worker: audio in order and voice activity; decodes; transcripts to the bus."""

import asyncio
import time

from opentelemetry.context import Context

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, AudioFrame
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.tasks import end
from dragoman_stt.decodes import Order, Output, Result
from dragoman_stt.denoise import Cleaner
from dragoman_stt.engines.base import (
    NoiseSuppressor,
    VoiceActivityModel,
)
from dragoman_stt.hearing import Hearing
from dragoman_stt.intake import Framer, Intake
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.speaker_labels import TrackSpeakers, VoiceHearing
from dragoman_stt.streams import Stepper, Streams
from dragoman_stt.transcripts import Preceding, event_of
from dragoman_stt.turn_judging import TurnJudging
from dragoman_stt.windows import Windows

log = get(__name__)
AT_ONCE = SAMPLE_RATE * BYTES_PER_SAMPLE // 4  # bytes of audio; then the other tracks have their turn
UNHEARD = SAMPLE_RATE // 4  # samples in the inbox, in which nobody begins to speak
CONTROL = 1600  # samples that a control message counts for in the backlog
SEND_QUEUE = 64  # events that wait for the bus
IMPORT_PATIENCE = 100  # times as long may nothing come of an import, which waits for live speech
STORE_PATIENCE_S = 30.0  # how long the bus may take no final


class Track:
    """`put` is fed by the worker's subscription; `run` ends when the track is over."""

    def __init__(
        self,
        bus: Bus,
        scheduler: Scheduler,
        vad: VoiceActivityModel,
        suppressor: NoiseSuppressor | None,
        worker_id: str,
        start: rpc.StartTrack,
        backlog_s: float,
        idle_s: float,
        segments: bool = True,
        stepper: Stepper | None = None,
        turns: TurnJudging | None = None,
        voices: VoiceHearing | None = None,
    ) -> None:
        self.start = start
        self._bus = bus
        self._worker_id = worker_id
        self._suppressor = suppressor
        self.relocate = False  # the track had better move to another worker
        self._cleaner = self._cleaning(start.spec)
        self._intake = Intake(start.first_sample)
        self._speakers = TrackSpeakers(voices, start) if voices is not None and start.spec.speakers else None
        self._hearing: Hearing = (
            Streams(stepper, start)
            if stepper
            else Windows(scheduler, vad, start, segments, turns, self._speakers)
        )
        self._framer = Framer()
        self._inbox: asyncio.Queue[bytes | rpc.TrackControl] = asyncio.Queue()  # bounded by `put`
        self._backlog = 0  # samples in the inbox
        self._limit = int(backlog_s * SAMPLE_RATE)
        self._idle_s = idle_s * (IMPORT_PATIENCE if start.work.background else 1)
        self._heard_at = time.monotonic()
        self._send_queue: asyncio.Queue[Output] = asyncio.Queue(SEND_QUEUE)
        self._preceding = Preceding()
        self._unstored = 0
        self._covered = start.first_sample
        self._last = start.first_utterance - 1  # whose final is stored
        self._wake = asyncio.Event()  # there may be something to decode
        self._moved = asyncio.Event()  # a decode has come to its end

    @property
    def account(self) -> str:
        """Return the account whose it is."""
        return self.start.work.account_id

    @property
    def background(self) -> bool:
        """Whether it is an import, behind all live speech."""
        return self.start.work.background

    def put(self, item: AudioFrame | rpc.TrackControl) -> None:
        """Take what came; of another epoch it is dropped.

        Raises:
            MeshError: `UNAVAILABLE`, when too much waits: this worker is too slow for the track.
        """
        if item.epoch != self.start.epoch:
            return
        for taken in self._intake.take(item):
            self._inbox.put_nowait(taken)
            self._backlog += len(taken) // BYTES_PER_SAMPLE if isinstance(taken, bytes) else CONTROL
        if self._backlog > self._limit:
            raise MeshError(FaultCode.UNAVAILABLE, "too much audio is waiting")

    def heartbeat(self, draining: bool) -> ev.Heartbeat:
        """The sign of life."""
        if not self._unstored:
            self._covered = max(self._covered, self._hearing.covered)
            self._last = self._hearing.utterance - 1
        return ev.Heartbeat(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            worker_id=self._worker_id,
            received_samples=self._intake.expected,
            covered_samples=self._covered,
            draining=draining,
            last_utterance=self._last,
            at_rest=self.at_rest,
            relocate=self.relocate,
        )

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open in what was heard so far, and every final is stored."""
        return self._hearing.idle and not self._unstored and self._backlog < UNHEARD

    async def run(self) -> None:
        """Until END or CANCEL, or until nothing was heard of the edge for too long."""
        async with asyncio.TaskGroup() as group:
            helpers = [
                group.create_task(self._recognise(), name="recognise"),
                group.create_task(self._publish(), name="publish"),
                group.create_task(self._end_when_idle(), name="idle"),
            ]
            if await self._listen():
                await self._finish()
            await end(*helpers)

    # Audio and control

    async def _listen(self) -> bool:
        """Until the track is over; whether what is open is to be published."""
        while True:
            item = await self._inbox.get()
            self._heard_at = time.monotonic()
            self._backlog -= len(item) // BYTES_PER_SAMPLE if isinstance(item, bytes) else CONTROL
            if isinstance(item, bytes):
                await self._audio(item)
            elif item.action is ev.Action.CANCEL:
                return False
            elif item.action is ev.Action.END:
                return True
            else:
                await self._control(item)

    async def _end_when_idle(self) -> None:
        """A time limit for each message would cost as much as half of the rest."""
        while (left_s := self._heard_at + self._idle_s - time.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left_s)
        log.info("track idle", session=self.start.session_id)
        self._inbox.put_nowait(rpc.TrackControl(action=ev.Action.END, epoch=self.start.epoch))
        self._backlog += CONTROL

    async def _audio(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            piece = pcm[start : start + AT_ONCE]
            await self._frames(self._cleaner.feed(piece) if self._cleaner else piece)

    async def _frames(self, pcm: bytes) -> None:
        for frame in self._framer.cut(pcm):
            outputs = self._hearing.feed(frame)
            if outputs:
                await self._emit(outputs)
            if self._hearing.idle:
                continue
            if self._hearing.due is not None:
                self._wake.set()
            await self._emit(await self._hearing.judge())
            if self._hearing.due is not None:
                self._wake.set()
            while self._hearing.behind:
                await self._progress()

    def _cleaning(self, spec: rpc.RecogniserSpec) -> Cleaner | None:
        return Cleaner(self._suppressor) if spec.denoise and self._suppressor is not None else None

    async def _clean_up(self) -> None:
        """What the suppressor still holds back."""
        if self._cleaner is not None:
            await self._frames(self._cleaner.finish())
            self._cleaner = None

    async def _control(self, control: rpc.TrackControl) -> None:
        if control.action is ev.Action.FLUSH:
            await self._emit(self._hearing.flush())
            self._wake.set()
        elif control.action is ev.Action.UPDATE:
            now = self._hearing.order
            wanted = Order(control.spec or now.spec, control.work or now.work)
            if wanted.spec.denoise != now.spec.denoise:  # at once: the open utterance may go on for long
                await self._clean_up()
                self._cleaner = self._cleaning(wanted.spec)
            self._hearing.update(wanted)

    async def _finish(self) -> None:
        """Publish what is open, then say that the track is over."""
        await self._clean_up()
        await self._frames(self._framer.rest())
        await self._emit(self._hearing.flush())
        self._wake.set()
        while not self._hearing.idle:
            await self._progress()
        await self._send_queue.join()
        ended = ev.TrackEnded(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            last_utterance=self._hearing.utterance - 1,
        )
        await self._store(ended)

    async def _progress(self) -> None:
        self._moved.clear()
        await self._moved.wait()  # bounded by the time-out of a decode

    # Decodes

    async def _recognise(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._hearing.due is not None:
                outputs = await self._hearing.work()
                await self._emit(outputs)
                self._moved.set()

    # The bus

    async def _emit(self, outputs: list[Output]) -> None:
        for output in outputs:
            self._unstored += 1
            await self._send_queue.put(output)

    async def _publish(self) -> None:
        while True:
            output = await self._send_queue.get()
            event = event_of(output, self.start, self._hearing.order)
            if isinstance(event, ev.SpeechActivity) or (isinstance(event, ev.Transcript) and not event.final):
                await self._bus.publish_event(event)
            elif event is not None:
                number = getattr(event, "utterance", 0)
                with telemetry.span("stt.publish", within=self._trace(number), epoch=self.start.epoch):
                    await self._store(self._preceding.tell(await self._labelled(event, output)))
                await self._correct(event)
            self._unstored -= 1
            self._send_queue.task_done()

    async def _labelled(self, event: ev.Event, output: Output) -> ev.Event:
        """With its speaker, where one is wanted."""
        if self._speakers is None or not isinstance(event, ev.Transcript) or not isinstance(output, Result):
            return event
        return await self._speakers.label(event, output.said) if output.said is not None else event

    async def _correct(self, event: ev.Event) -> None:
        """Behind a final: speakers of earlier ones that it tells better."""
        if self._speakers is not None and isinstance(event, ev.Transcript):
            for correction in self._speakers.corrections(event.utterance):
                await self._store(correction)

    def _trace(self, utterance: int) -> Context:
        return telemetry.utterance(self.start.session_id, self.start.track, utterance)

    async def _store(self, event: ev.Event) -> None:
        """Durably; patient with a bus that is restarting. After that the track fails and is taken over."""
        deadline = time.monotonic() + STORE_PATIENCE_S
        while True:
            try:
                await self._bus.store_event(event)
            except MeshError:
                if time.monotonic() > deadline:
                    raise
            else:
                return
