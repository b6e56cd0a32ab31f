"""Times of a stream by the clock: audio counts samples, and a client that pauses sends none. Pure."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract.audio import SAMPLE_RATE

MOST = 1000  # pauses that are known apart; of more, the oldest are taken for one


class WallClock:
    """The pauses of a stream, each with the place in the audio where it lies."""

    def __init__(self) -> None:
        self._pauses: list[tuple[int, int]] = []  # ms of audio before it; ms of it and all pauses before it

    def pause(self, sample: int, seconds: float) -> None:
        """Nothing was sent for `seconds` before `sample` (16 kHz); later samples come later."""
        before = self._pauses[-1][1] if self._pauses else 0
        self._pauses.append((sample * 1000 // SAMPLE_RATE, before + round(seconds * 1000)))
        if len(self._pauses) > MOST:
            del self._pauses[1]

    def sample(self, sample: int) -> int:
        """Return the place by the clock of a sample of the newest audio: all pauses are before it."""
        return sample + (self._pauses[-1][1] * SAMPLE_RATE // 1000 if self._pauses else 0)

    def audio(self, sample: int) -> int:
        """Return the sample of the audio at a place by the clock, none before the last pause."""
        place_ms, pauses_ms = self._pauses[-1] if self._pauses else (0, 0)
        return max(sample - pauses_ms * SAMPLE_RATE // 1000, place_ms * SAMPLE_RATE // 1000)

    def at(self, audio_ms: int) -> int:
        """Return the ms since the start of the stream at which the audio of `audio_ms` was spoken."""
        place = bisect_right(self._pauses, audio_ms, key=lambda pause: pause[0]) - 1
        return audio_ms + (self._pauses[place][1] if place >= 0 else 0)

    def shifted(self, event: ev.Transcript) -> ev.Transcript:
        """A transcript with its times by the clock.

        A pause ends an utterance: all of it lies behind the pauses before its end. Its start may be a little
        before one, because recognisers begin with the moment before the speech.
        """
        last = event.start_ms + max(0, event.duration_ms - 1)
        later = self.at(last) - last
        if not later:
            return event
        words = tuple(
            replace(word, start_ms=word.start_ms + later, end_ms=word.end_ms + later) for word in event.words
        )
        return replace(event, start_ms=event.start_ms + later, words=words)

    def snapshot(self) -> list[list[int]]:
        """Return the pauses for a checkpoint."""
        return [list(pause) for pause in self._pauses]

    def restore(self, pauses: Iterable[Iterable[int]]) -> None:
        """Go on from a checkpoint."""
        self._pauses = [(place, total) for place, total in pauses]
