"""One track on this worker: audio in order and voice activity; decodes; transcripts to the bus."""

import asyncio
import time

from opentelemetry.context import Context

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, AudioFrame, ms_to_samples
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.tasks import end
from dragoman_stt.decodes import Kind, Order, Output, Request
from dragoman_stt.denoise import Cleaner
from dragoman_stt.engines.base import (
    DecodeOptions,
    NoiseSuppressor,
    VoiceActivityModel,
)
from dragoman_stt.intake import Framer, Intake
from dragoman_stt.policy import Policy
from dragoman_stt.scheduler import Scheduler, Seat, Turn
from dragoman_stt.transcripts import Preceding, event_of
from dragoman_stt.words import SENTENCE_AFTER_MS

log = get(__name__)
AT_ONCE = SAMPLE_RATE * BYTES_PER_SAMPLE  # bytes of audio; then the other tracks have their turn
TIMED = ms_to_samples(SENTENCE_AFTER_MS)  # an interim that may hold the end of a sentence has times
CONTROL = 1600  # samples that a control message counts for in the backlog
OUTBOX = 64  # events that wait for the bus
WAITING = 4  # utterances that wait for their final before more audio is looked at
BRISK_S, SPARE = 0.3, 4.0  # after a longer wait for a decode interims pause for so many times as long
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
    ) -> None:
        self.start = start
        self._bus = bus
        self._scheduler = scheduler
        self._worker_id = worker_id
        self._vad = vad.track()
        self._suppressor = suppressor
        self._cleaner = self._cleaning(start.spec)
        self._intake = Intake(start.first_sample)
        order = Order(start.spec, start.work)
        self._policy = Policy(order, start.first_sample, start.first_utterance, segments)
        self._seat = Seat(lambda: self._policy.due not in (None, Kind.INTERIM))
        self._framer = Framer()
        self._inbox: asyncio.Queue[bytes | rpc.TrackControl] = asyncio.Queue()  # bounded by `put`
        self._backlog = 0  # samples in the inbox
        self._limit = int(backlog_s * SAMPLE_RATE)
        self._idle_s = idle_s
        self._heard_at = time.monotonic()
        self._outbox: asyncio.Queue[Output] = asyncio.Queue(OUTBOX)
        self._preceding = Preceding()
        self._unstored = 0
        self._covered = start.first_sample
        self._last = start.first_utterance - 1  # whose final is stored
        self._wake = asyncio.Event()  # there may be something to decode
        self._moved = asyncio.Event()  # a decode has come to its end

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
            raise MeshError(FaultCode.UNAVAILABLE, "too much audio waits")

    def beat(self, draining: bool) -> ev.Beat:
        """The sign of life."""
        if not self._unstored:
            self._covered = max(self._covered, self._policy.covered)
            self._last = self._policy.utterance - 1
        return ev.Beat(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            worker_id=self._worker_id,
            received_samples=self._intake.expected,
            covered_samples=self._covered,
            draining=draining,
            last_utterance=self._last,
        )

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
            outputs = self._policy.feed(frame, self._vad(frame))
            if outputs:
                await self._emit(outputs)
            if self._policy.idle:
                continue
            if self._policy.due is not None:
                self._wake.set()
            while self._policy.waiting >= WAITING:
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
            await self._emit(self._policy.flush())
            self._wake.set()
        elif control.action is ev.Action.UPDATE:
            now = self._policy.order
            wanted = Order(control.spec or now.spec, control.work or now.work)
            if wanted.spec.denoise != now.spec.denoise:  # at once: the open utterance may go on for long
                await self._clean_up()
                self._cleaner = self._cleaning(wanted.spec)
            self._policy.update(wanted)

    async def _finish(self) -> None:
        """Publish what is open, then say that the track is over."""
        await self._clean_up()
        await self._frames(self._framer.rest())
        await self._emit(self._policy.flush())
        self._wake.set()
        while not self._policy.idle:
            await self._progress()
        await self._outbox.join()
        ended = ev.TrackEnded(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            last_utterance=self._policy.utterance - 1,
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
            while self._policy.due is not None:
                began = time.monotonic()
                async with self._scheduler.turn(self._seat) as turn:
                    waited = time.monotonic() - began
                    request = self._policy.next()
                    outputs = await self._decode(turn, request) if request is not None else []
                self._policy.spare_ms = int(waited * 1000 * SPARE) if waited > BRISK_S else 0
                await self._emit(outputs)
                self._moved.set()

    async def _decode(self, turn: Turn, request: Request) -> list[Output]:
        with telemetry.span("stt.decode", within=self._trace(self._policy.utterance), kind=request.kind):
            try:
                return self._policy.heard(await turn.decode(request.audio, _options(request)))
            except DragomanError as exc:
                log.warning("decode failed", session=self.start.session_id, kind=request.kind, code=exc.code)
                return self._policy.failed()

    # The bus

    async def _emit(self, outputs: list[Output]) -> None:
        for output in outputs:
            self._unstored += 1
            await self._outbox.put(output)

    async def _publish(self) -> None:
        while True:
            output = await self._outbox.get()
            event = event_of(output, self.start, self._policy.order)
            if isinstance(event, ev.SpeechActivity) or (isinstance(event, ev.Transcript) and not event.final):
                await self._bus.publish_event(event)
            elif event is not None:
                number = getattr(event, "utterance", 0)
                with telemetry.span("stt.publish", within=self._trace(number), epoch=self.start.epoch):
                    await self._store(self._preceding.tell(event))
            self._unstored -= 1
            self._outbox.task_done()

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


def _options(request: Request) -> DecodeOptions:
    spec, final = request.order.spec, request.kind is not Kind.INTERIM
    return DecodeOptions(
        languages=spec.source_languages,
        vocabulary=spec.vocabulary,
        context=f"{spec.context} {request.before}".strip(),
        final=final,
        translate=final and spec.translate_to_english,
        settings=spec.settings,
        timed=request.kind is Kind.INTERIM and len(request.pcm) >= TIMED,
        speech=request.speech,
        agreed=request.agreed,
    )
