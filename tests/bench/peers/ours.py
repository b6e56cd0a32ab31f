"""The streaming recogniser in this process: real tracks, policy, scheduler and model; the bus is a list."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, AudioFrame
from dragoman_stt.engines.base import Recogniser, StreamingRecogniser, VoiceActivityModel
from dragoman_stt.scheduler import Scheduler, Seat, Turn
from dragoman_stt.speaker_labels import VoiceHearing
from dragoman_stt.track import Track
from dragoman_stt.turn_judging import TurnJudging
from tests.bench.peers.heard import Final, Heard
from tests.bench.peers.host import pace
from tests.bench.peers.hurry import Hurried
from tests.bench.peers.read import BYTES_PER_S, Reading

CHUNK = BYTES_PER_S // 10
MOST_SPEAKERS = 6
STAGGER_S = 0.37  # between clients: people do not begin to speak at the same moment


class Screen:
    """Takes the place of the bus: what the events of one track leave on a client's screen."""

    def __init__(self, started: float) -> None:
        self.heard = Heard()
        self._started = started
        self._clock = asyncio.get_running_loop().time
        self._settled: list[str] = []

    async def publish_event(self, event: ev.Event) -> None:
        self._take(event)

    async def store_event(self, event: ev.Event) -> None:
        self._take(event)

    def _take(self, event: ev.Event) -> None:
        if isinstance(event, ev.SpeechActivity) and not event.speaking:
            self.heard.stops.append(event.at_ms / 1000)
        if not isinstance(event, ev.Transcript):
            return
        self.heard.transcripts.append((self._clock() - self._started, event))
        if event.final:
            self._settled.append(event.text)
            self.heard.finals.append(self._final(event))
        unsettled = "" if event.final else event.text
        self.heard.note(self._clock() - self._started, " ".join(self._settled), unsettled)

    def _final(self, event: ev.Transcript) -> Final:
        start, length = event.start_ms / 1000, event.duration_ms / 1000
        return Final(self._clock() - self._started, start, start + length, event.text)


class Counted(Scheduler):
    """Knows whether somebody has a turn."""

    turns = 0

    @asynccontextmanager
    async def turn(self, seat: Seat) -> AsyncIterator[Turn]:
        async with super().turn(seat) as turn:
            self.turns += 1
            try:
                yield turn
            finally:
                self.turns -= 1


class Ours:
    """`engine` is warm; `decodes` at a time as in the service's settings; `spent` = their cost, in s."""

    def __init__(
        self,
        engine: Recogniser | StreamingRecogniser,
        vad: VoiceActivityModel,
        decodes: int,
        turns: TurnJudging | None = None,
        voices: VoiceHearing | None = None,
        spent: Callable[[], float] = time.process_time,
    ) -> None:
        self._spent = spent
        self._engine = engine
        self._vad = vad
        self._decodes = decodes
        self._turns = turns
        self._voices = voices

    def listen(
        self, reading: Reading, clients: int, interim: bool, *, hurried: bool = False
    ) -> tuple[list[Heard], float]:
        """See `crowd`; all clients say the same."""
        return self.crowd([reading] * clients, interim, hurried=hurried)

    def crowd(
        self, readings: Sequence[Reading], interim: bool, *, hurried: bool = False
    ) -> tuple[list[Heard], float]:
        """What each client saw, and CPU seconds of this process, pacing included.

        `hurried` = without waiting for audio that is not due while nothing is decoded.
        """
        scheduler = Counted(self._engine, self._decodes, 60.0)
        before = time.process_time()
        working = lambda: scheduler.turns > 0 or self._judging  # noqa: E731
        make = (lambda: Hurried(working, self._spent)) if hurried else None
        try:
            with asyncio.Runner(loop_factory=make) as runner:
                heard = runner.run(self._crowd(scheduler, readings, interim))
        finally:
            scheduler.close()
        return heard, time.process_time() - before

    @property
    def _judging(self) -> bool:
        return self._turns is not None and self._turns.waiting > 0

    async def _crowd(self, scheduler: Scheduler, readings: Sequence[Reading], interim: bool) -> list[Heard]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._client(scheduler, reading, number, interim))
                for number, reading in enumerate(readings)
            ]
        return [task.result() for task in tasks]

    async def _client(self, scheduler: Scheduler, reading: Reading, number: int, interim: bool) -> Heard:
        await asyncio.sleep(number * STAGGER_S)
        started = asyncio.get_running_loop().time()
        screen: Any = Screen(started)
        most = MOST_SPEAKERS if self._voices is not None else 0
        named = (reading.language,) if reading.language else ()
        told = ev.Endpointing(vad_signals=True)  # where speech ended
        spec = rpc.RecogniserSpec(source_languages=named, interim=interim, speakers=most, endpointing=told)
        start = rpc.StartTrack(
            session_id=f"bench{number}", track=0, epoch=1, first_utterance=1, first_sample=0, spec=spec
        )
        track = Track(
            screen,
            scheduler,
            self._vad,
            None,
            "bench",
            start,
            600.0,
            60.0,
            turns=self._turns,
            voices=self._voices,
        )
        running = asyncio.create_task(track.run())
        for sequence, place in enumerate(range(0, len(reading.pcm), CHUNK)):
            pcm = reading.pcm[place : place + CHUNK]
            await pace(started, (place + len(pcm)) / BYTES_PER_S)
            track.put(AudioFrame("bench", 0, 1, sequence, place // BYTES_PER_SAMPLE, pcm))
        track.put(
            rpc.TrackControl(action=ev.Action.END, epoch=1, after_sample=len(reading.pcm) // BYTES_PER_SAMPLE)
        )
        await running
        result: Heard = screen.heard
        return result
