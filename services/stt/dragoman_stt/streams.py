"""Tracks that a streaming engine hears: it keeps their state and finds the endpoints; several in one step."""

import asyncio
from dataclasses import replace
from functools import partial

import numpy as np

from dragoman_contract import rpc
from dragoman_contract.audio import SAMPLE_RATE, ms_to_samples
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_stt.decodes import Activity, Kind, Order, Output, Result
from dragoman_stt.engines.base import (
    Pcm,
    StreamAudio,
    StreamingRecogniser,
    StreamOptions,
    StreamUpdate,
)
from dragoman_stt.respelling import respelled
from dragoman_stt.scheduler import Scheduler, Seat

STEP = ms_to_samples(160)  # samples that are worth a step
BEHIND = 10 * SAMPLE_RATE  # that may wait before no more audio is taken
LOOK_BACK = ms_to_samples(1500)  # an engine may find that an utterance began so long ago
TOGETHER = 32  # tracks of one step


class Stepper:
    """Takes the audio of all tracks that have some to the engine, one step at a time."""

    def __init__(self, engine: StreamingRecogniser, scheduler: Scheduler) -> None:
        self.engine = engine
        self._scheduler = scheduler
        self._seat = Seat(lambda: True)
        self._waiting: list[tuple[StreamAudio, asyncio.Future[list[StreamUpdate]]]] = []
        self._stepping: asyncio.Task[None] | None = None

    async def step(self, audio: StreamAudio) -> list[StreamUpdate]:
        """Together with those that wait, too.

        Raises:
            MeshError: `TIMEOUT` or `ENGINE_FAILED`.
        """
        future: asyncio.Future[list[StreamUpdate]] = asyncio.get_running_loop().create_future()
        self._waiting.append((audio, future))
        if self._stepping is None or self._stepping.done():
            self._stepping = asyncio.create_task(self._run(), name="step")
        return await future

    async def _run(self) -> None:
        while self._waiting:
            async with self._scheduler.turn(self._seat) as turn:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                audio = [item for item, _ in batch]
                seconds = sum(len(item.pcm) for item in audio) / SAMPLE_RATE
                try:
                    updates = await turn.run(partial(self.engine.step, audio), seconds)
                    if len(updates) != len(audio):
                        raise MeshError(FaultCode.ENGINE_FAILED, "the engine did not answer for every stream")
                except MeshError as exc:
                    _settle(batch, exc)
                else:
                    for (_, future), result in zip(batch, updates, strict=True):
                        if not future.done():
                            future.set_result(result)


def _settle(batch: list[tuple[StreamAudio, asyncio.Future[list[StreamUpdate]]]], exc: MeshError) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(exc)


class Streams:
    """A `Hearing` by a stream of the engine."""

    def __init__(self, stepper: Stepper, start: rpc.StartTrack) -> None:
        self._stepper = stepper
        self.order = Order(start.spec, start.work)
        self.utterance = start.first_utterance
        self._stream = stepper.engine.open(_options(self.order))
        self._origin = self._stepped = start.first_sample
        self._pending: list[Pcm] = []
        self._ending = self._reopen = False
        self._open: StreamUpdate | None = None
        self._revision = 0
        self._covered = start.first_sample

    @property
    def covered(self) -> int:
        """Sample of the track before which no audio is needed any more."""
        begun = self._sample(self._open.start_ms) if self._open else self._stepped - LOOK_BACK
        self._covered = max(self._covered, begun)
        return self._covered

    @property
    def idle(self) -> bool:
        """Whether no utterance is open or waits for its final."""
        return not self._pending and not self._ending and self._open is None

    @property
    def behind(self) -> bool:
        """Whether so much waits that no more audio is to be looked at."""
        return self._waiting > BEHIND

    @property
    def due(self) -> Kind | None:
        """Kind of work that is due now, if any."""
        if self._ending:
            return Kind.FINAL
        return Kind.INTERIM if self._waiting >= STEP else None

    @property
    def _waiting(self) -> int:
        return sum(map(len, self._pending))

    def update(self, order: Order) -> None:
        """Take an order that counts from the next utterance on."""
        self._reopen |= _options(order) != _options(self.order)
        self.order = order

    def feed(self, frame: Pcm) -> list[Output]:
        """Take the next 512 samples."""
        self._pending.append(frame)
        return []

    async def judge(self) -> list[Output]:
        """Nothing: the engine knows its pauses."""
        return []

    def flush(self) -> list[Output]:
        """End the open utterance now."""
        self._ending = bool(self._pending) or self._open is not None
        return []

    async def work(self) -> list[Output]:
        """Do what is due; wait for a thread if need be."""
        if self._reopen and self._open is None:
            self._stream, self._reopen = self._stepper.engine.open(_options(self.order)), False
            self._origin = self._stepped
        pcm = np.concatenate(self._pending) if self._pending else np.zeros(0, np.int16)
        end, self._pending, self._ending = self._ending, [], False
        updates = await self._stepper.step(StreamAudio(self._stream, pcm, end))
        self._stepped += len(pcm)
        outputs = [output for update in updates for output in self._take(update)]
        if end and self._open is not None:  # the engine did not end it
            outputs += self._over(self._open)
        return outputs

    def _take(self, update: StreamUpdate) -> list[Output]:
        update = replace(update, heard=respelled(update.heard, self.order.spec.source_languages))
        begun: list[Output] = []
        if self._open is None and update.heard.text:
            begun = [Activity(True, self._sample(update.start_ms))]
        if update.over:
            known = self._open or update
            return [*begun, *self._over(update if update.heard.text else known)]
        if not update.heard.text:
            return []
        news = self._open is None or update.heard.text != self._open.heard.text
        self._open = update
        if not news or not self.order.spec.interim:
            return begun
        self._revision += 1
        return [*begun, self._result(update, final=False)]

    def _over(self, update: StreamUpdate) -> list[Output]:
        """The final, unless it is noise; never empty when a text was shown."""
        self._open = None
        if not update.heard.text:
            return []
        self._revision += 1
        result = self._result(update, final=True)
        self.utterance += 1
        self._revision = 0
        return [result, Activity(False, result.speech_end)]

    def _result(self, update: StreamUpdate, *, final: bool) -> Result:
        heard, onset = update.heard, self._sample(update.start_ms)
        end = max(onset, self._sample(update.end_ms))
        return Result(
            utterance=self.utterance,
            revision=self._revision,
            final=final,
            heard=heard,
            stable=len(heard.text) if final else min(update.stable, len(heard.text)),
            start=self._origin,
            onset=onset,
            speech_end=end,
            covered=max(self._covered, end if final else onset),
            order=self.order,
        )

    def _sample(self, ms: int) -> int:
        """Of the track; an engine cannot have heard what did not come."""
        return min(self._origin + max(0, ms_to_samples(ms)), self._stepped)


def _options(order: Order) -> StreamOptions:
    spec = order.spec
    return StreamOptions(
        languages=spec.source_languages,
        vocabulary=spec.vocabulary,
        context=spec.context,
        silence_ms=spec.endpointing.silence_ms,
        settings=spec.settings,
    )
