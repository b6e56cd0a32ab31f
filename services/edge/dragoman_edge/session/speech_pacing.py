"""Delay of a session's speech behind its speaker, and the rate of its next speech."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from nats.errors import Error as NatsError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_kit.bus import Bus

MOST = 1.25  # faster is not understood well
STEP = 0.05
PAUSE_MS = 100  # of silence that is left in speech that cannot be spoken faster
Output = tuple[int, str]


@dataclass(slots=True)
class _Playing:
    """One track in one language: when all that was made will have been played (s), and the rate last told."""

    done: float
    told: float = 1.0


class SpeechBacklog:
    """Speech that a client has still to play when the next utterance is over. Pure.

    Args:
        bound_s: so long the next one may have to wait; twice that is caught up with at the highest rate.
    """

    def __init__(self, bound_s: float) -> None:
        self._bound_s = bound_s
        self._outputs: dict[Output, _Playing] = {}

    def released(self, event: ev.Event, now: float) -> list[tuple[Output, float]]:
        """A result of the session (monotonic s); rates of outputs that change with it."""
        if isinstance(event, ev.SpeechChunk):
            output = self._outputs.setdefault((event.track, event.language), _Playing(now))
            output.done = max(output.done, now) + len(event.audio) / BYTES_PER_SAMPLE / SAMPLE_RATE
        elif isinstance(event, ev.Transcript) and event.final:
            return list(self._changed(event.track, now))
        return []

    def _changed(self, track: int, now: float) -> Iterator[tuple[Output, float]]:
        for output, playing in self._outputs.items():
            rate = self._rate(playing.done - now)
            if output[0] == track and rate != playing.told:
                playing.told = rate
                yield output, rate

    def _rate(self, behind_s: float) -> float:
        over = min(1.0, max(0.0, behind_s - self._bound_s) / self._bound_s)
        return 1.0 + round(over * (MOST - 1.0) / STEP) * STEP


class SpeechPacing:
    """Tells tts workers of one session how fast it is to be spoken."""

    def __init__(self, bus: Bus, session_id: str, bound_s: float) -> None:
        self._bus = bus
        self._session_id = session_id
        self._backlog = SpeechBacklog(bound_s)
        self._untold: dict[Output, float] = {}

    def released(self, event: ev.Event) -> None:
        """A result of the session."""
        self._untold.update(self._backlog.released(event, time.monotonic()))

    async def send(self) -> None:
        """Tell what has changed; a hint that is lost is told again with the next change."""
        while self._untold:
            (track, language), rate = self._untold.popitem()
            pace = rpc.SpeechPace(
                session_id=self._session_id,
                track=track,
                language=language,
                rate=rate,
                pause_ms=PAUSE_MS if rate >= MOST else 0,
            )
            try:
                subject = subjects.speech_pace(self._session_id, track, language)
                await self._bus.nc.publish(subject, codec.encode(pace))
            except NatsError:
                return
