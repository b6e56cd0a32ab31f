"""One track on this worker: audio in order, voice activity, decodes, transcripts."""

import asyncio
import time
from dataclasses import replace

import numpy as np
from prometheus_client import Counter

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, AudioFrame, samples_to_ms
from dragoman_contract.errors import DragomanError
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_stt.context import after_seam, floats, with_context
from dragoman_stt.engines.base import DecodeOptions, Hypothesis, VoiceActivityModel
from dragoman_stt.policy import FRAME, Activity, Policy, Window, agreed
from dragoman_stt.scheduler import Scheduler

log = get(__name__)
MAX_CONTROLS = 16  # control messages of a track that may wait for their audio
GAPS = Counter("dragoman_stt_gaps_total", "Audio frames that came behind a gap and were asked for again")
VAD_FRAMES_AT_ONCE = 32  # then the other tracks have their turn


class Track:
    """`inbox` is fed by the worker's subscription; `run` ends when the track is over."""

    def __init__(
        self,
        bus: Bus,
        scheduler: Scheduler,
        vad: VoiceActivityModel,
        worker_id: str,
        start: rpc.StartTrack,
        backlog_s: float,
    ) -> None:
        self.start = start
        self.heard_at = time.monotonic()
        self._bus = bus
        self._scheduler = scheduler
        self._worker_id = worker_id
        self._spec, self._work = start.spec, start.work
        self._vad = vad.track()
        self._policy = Policy(start.spec.endpointing, start.first_sample)
        self._inbox: asyncio.Queue[bytes | rpc.TrackControl] = asyncio.Queue()
        self._held: list[rpc.TrackControl] = []
        self._limit = int(backlog_s * SAMPLE_RATE)
        self._arrived = start.first_sample
        self._rest = b""
        self._utterance = start.first_utterance
        self._revision = 0
        self._previous = ""
        self._covered = start.first_sample
        self._finals: asyncio.Queue[Window] = asyncio.Queue()
        self._ahead: tuple[Window, asyncio.Task[Hypothesis]] | None = None
        self._before: Window | None = None  # the last final's audio
        self._deciding = 0  # finals that are not stored yet
        self._interim: asyncio.Task[None] | None = None

    def put(self, item: AudioFrame | rpc.TrackControl) -> None:
        """Take what came, in the order of the track; of another epoch it is dropped.

        Audio behind a gap is dropped too: the beats tell the edge from where to send it again. A control
        message waits for the audio that it comes after.
        """
        self.heard_at = time.monotonic()
        if item.epoch != self.start.epoch:
            return
        if isinstance(item, rpc.TrackControl):
            self._held.append(item)
        elif item.sample_offset > self._arrived:
            GAPS.inc()
        elif item.end_sample > self._arrived:
            self._inbox.put_nowait(self._cut(item))
            self._arrived = item.end_sample
        self._let_controls_in()

    def _cut(self, frame: AudioFrame) -> bytes:
        return frame.pcm[(self._arrived - frame.sample_offset) * BYTES_PER_SAMPLE :]

    def _let_controls_in(self) -> None:
        urgent = [c for c in self._held if c.action is ev.Action.CANCEL or c.after_sample <= self._arrived]
        for control in urgent:
            self._inbox.put_nowait(control)
        self._held = [c for c in self._held if c not in urgent][-MAX_CONTROLS:]

    def beat(self) -> ev.Beat:
        """The sign of life."""
        return ev.Beat(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            worker_id=self._worker_id,
            received_samples=self._arrived,
            covered_samples=self._safe(),
        )

    def _safe(self) -> int:
        """Audio before this sample is in a stored final, or was silence."""
        return self._covered if self._deciding else max(self._covered, self._policy.covered)

    async def run(self) -> None:
        """Until END or CANCEL."""
        finals = asyncio.create_task(self._decode_finals())
        try:
            while True:
                item = await self._inbox.get()
                if isinstance(item, bytes):
                    await self._audio(item)
                elif not await self._control(item):
                    return
        finally:
            finals.cancel()
            for task in (self._interim, self._ahead[1] if self._ahead else None):
                if task is not None:
                    task.cancel()

    async def _audio(self, heard: bytes) -> None:
        pcm = self._rest + heard
        whole = len(pcm) // (FRAME * BYTES_PER_SAMPLE) * FRAME * BYTES_PER_SAMPLE
        self._rest = pcm[whole:]
        samples = np.frombuffer(pcm[:whole], np.int16)
        for number, piece in enumerate(np.split(samples, len(samples) // FRAME) if whole else []):
            self._follow(self._policy.feed(piece, self._vad(piece)))
            if number % VAD_FRAMES_AT_ONCE == VAD_FRAMES_AT_ONCE - 1:
                await asyncio.sleep(0)
        self._maybe_interim()

    async def _control(self, control: rpc.TrackControl) -> bool:
        """Obey; whether the track goes on."""
        match control.action:
            case ev.Action.FLUSH:
                self._follow(self._policy.flush())
            case ev.Action.UPDATE:
                await self._finals.join()
                self._spec, self._work = control.spec or self._spec, control.work or self._work
            case ev.Action.END:
                await self.end()
                return False
            case ev.Action.CANCEL:
                return False
        return True

    async def end(self) -> None:
        """Publish what is open, then say that the track is over."""
        if self._rest:
            frame = np.zeros(FRAME, np.int16)
            rest = np.frombuffer(self._rest, np.int16)
            frame[: len(rest)] = rest
            self._follow(self._policy.feed(frame, self._vad(frame)))
        self._follow(self._policy.flush())
        await self._finals.join()
        last = self._utterance - 1
        await self._bus.store_event(
            ev.TrackEnded(
                session_id=self.start.session_id,
                track=self.start.track,
                epoch=self.start.epoch,
                last_utterance=last,
            )
        )

    def _follow(self, outcome: list[Window | Activity]) -> None:
        for item in outcome:
            if isinstance(item, Window) and item.speculative:
                self._ahead = (item, asyncio.create_task(self._decode_ahead(item)))
            elif isinstance(item, Window):
                self._deciding += 1
                self._finals.put_nowait(item)

    # Interims

    def _maybe_interim(self) -> None:
        idle = self._interim is None or self._interim.done()
        if not self._spec.interim or not idle or self._deciding or self._scheduler.busy:
            return
        window = self._policy.interim()
        if window is not None:
            self._interim = asyncio.create_task(self._show(window))

    async def _show(self, window: Window) -> None:
        try:
            heard = await self._scheduler.decode(floats(window), self._options(final=False))
        except DragomanError as exc:
            log.warning("interim failed", code=exc.code)
            return
        if not heard.text or self._deciding:
            return
        stable = agreed(self._previous, heard.text)
        self._previous = heard.text
        self._revision += 1
        await self._bus.publish_event(self._transcript(window, heard, final=False, stable=stable))

    # Finals

    async def _decode_finals(self) -> None:
        while True:
            window = await self._finals.get()
            try:
                await self._final(window)
            finally:
                self._deciding -= 1
                self._finals.task_done()

    async def _final(self, window: Window) -> None:
        with telemetry.span("stt.final", utterance=self._utterance):
            try:
                heard = await self._heard(window)
            except DragomanError as exc:
                await self._fail(exc, window)
                return
            if self._interim is not None:
                await asyncio.wait({self._interim})
            if heard.text or self._revision:
                self._revision += 1
                await self._bus.store_event(
                    self._transcript(window, heard, final=True, stable=len(heard.text))
                )
                self._next_utterance()
        self._before = window if heard.text else None
        self._covered = window.covered

    async def _heard(self, window: Window) -> Hypothesis:
        """The decode that was begun in the pause, if it was of this very window; else a new one."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and (ahead[0].start, ahead[0].covered) == (window.start, window.covered):
            return await ahead[1]
        if ahead is not None:
            ahead[1].cancel()
        return await self._decode_ahead(window)

    async def _decode_ahead(self, window: Window) -> Hypothesis:
        audio, seam_ms = with_context(window, self._before)
        heard = await self._scheduler.decode(audio, self._options(final=True))
        kept = after_seam(heard, seam_ms, window)
        if kept is not None:
            return kept
        return await self._scheduler.decode(floats(window), self._options(final=True))

    async def _fail(self, exc: DragomanError, window: Window) -> None:
        await self._bus.store_event(
            ev.Failure(
                session_id=self.start.session_id,
                track=self.start.track,
                epoch=self.start.epoch,
                utterance=self._utterance,
                stage=ev.Stage.STT,
                code=exc.code,
                message=exc.message,
            )
        )
        self._next_utterance()
        self._covered = window.covered

    def _next_utterance(self) -> None:
        self._utterance += 1
        self._revision = 0
        self._previous = ""

    def _options(self, final: bool) -> DecodeOptions:
        return DecodeOptions(
            languages=self._spec.source_languages,
            vocabulary=self._spec.vocabulary,
            context=self._spec.context,
            final=final,
            translate=final and self._spec.translate_to_english,
        )

    def _transcript(self, window: Window, heard: Hypothesis, *, final: bool, stable: int) -> ev.Transcript:
        start_ms = samples_to_ms(window.start)
        language = _tag(heard.language, self._spec.source_languages)
        return ev.Transcript(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            utterance=self._utterance,
            revision=self._revision,
            final=final,
            text=heard.text,
            stable_length=stable,
            language=language,
            language_probability=heard.language_probability,
            confidence=heard.confidence,
            start_ms=start_ms,
            duration_ms=max(0, samples_to_ms(window.speech_end) - start_ms),
            words=tuple(
                ev.Word(
                    text=word.text.strip(),
                    start_ms=start_ms + word.start_ms,
                    end_ms=start_ms + word.end_ms,
                    probability=word.probability,
                )
                for word in heard.words
            ),
            alternatives=(ev.Alternative(language="en", text=heard.english),) if heard.english else (),
            covered_samples=window.covered,
            work=self._ordered(language) if final else ev.WorkOrder(),
        )

    def _ordered(self, language: str) -> ev.WorkOrder:
        """The work order; in a two-way session without the language that was spoken."""
        if not self._spec.two_way:
            return self._work
        spoken = language.partition("-")[0]
        others = tuple(t for t in self._work.target_languages if t.partition("-")[0].lower() != spoken)
        return replace(self._work, target_languages=others)


def _tag(code: str, wanted: tuple[str, ...]) -> str:
    """The tag the client used for this language, e.g. en → en-US."""
    return next((tag for tag in wanted if tag.partition("-")[0].lower() == code), code)
