"""Speakers of a track by their voices: who says an utterance, and where another one goes on. Pure.

A voice is compared with the mean of each speaker's; one that is like none of them is a new speaker's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dragoman_contract import events as ev
from dragoman_stt.engines.base import Spans, Voice
from dragoman_stt.engines.plausible import total_s

SAME, SAME_SHORT = 0.66, 0.58  # cosine from which a voice is a known speaker's; of a short utterance
SHORT_MS = 1_500  # of speech: less says little of a voice
LEAST_NEW_MS = 900  # of speech that makes a new speaker, once there is one
SPREAD = 0.14  # of the cosine: within it a label is more or less sure
LEARNT_MS, MOST_MS = 5_000, 60_000  # that one utterance counts for at most; that all together do
STEPS = 127  # of a number of a voice on the bus
PAUSE_MS, LEAST_SIDE_MS = 200, 900  # of silence between two speakers; of speech of each that tells it
MOST_PARTS = 4  # of a window that are compared with their neighbours
CHANGED, CHANGED_SHORT = 0.66, 0.55  # cosine below which the next part is another speaker's; of a short part


@dataclass(frozen=True, slots=True)
class Label:
    """A speaker, from 1 on in the order of their first utterance, and how sure that is, 0..1."""

    speaker: int
    confidence: float


def parts(speech: Spans) -> list[Spans]:
    """Speech of a window, parted at its longest pauses; each part is long enough to have a voice."""
    pauses = sorted(
        ((start - end, end) for (_, end), (start, _) in pairwise(speech) if start - end >= PAUSE_MS),
        reverse=True,
    )
    places: list[int] = []
    for _, place in pauses:
        if len(places) + 1 < MOST_PARTS and all(map(_long_enough, _cut(speech, [*places, place]))):
            places.append(place)
    return _cut(speech, places)


def _cut(speech: Spans, places: Sequence[int]) -> list[Spans]:
    edges = [-1, *sorted(places), speech[-1][1] if speech else 0]
    return [tuple(span for span in speech if first < span[1] <= last) for first, last in pairwise(edges)]


def _long_enough(part: Spans) -> bool:
    return total_s(part) * 1000 >= LEAST_SIDE_MS


def change_ms(heard: Sequence[tuple[Spans, Voice]]) -> int:
    """Middle of the first pause behind which another speaker goes on; 0 = there is none."""
    for (before, voice), (after, other) in pairwise(heard):
        shorter_ms = min(total_s(before), total_s(after)) * 1000
        if float(voice @ other) < (CHANGED if shorter_ms >= SHORT_MS else CHANGED_SHORT):
            return (before[-1][1] + after[0][0]) // 2
    return 0


def mean(voices: Sequence[Voice], weights: Sequence[float]) -> Voice:
    """The voice of several parts of one speaker's speech."""
    total: Voice = np.sum([v * np.float32(w) for v, w in zip(voices, weights, strict=True)], axis=0)
    made: Voice = total / max(float(np.linalg.norm(total)), 1e-9)
    return made


@dataclass(slots=True)
class _Person:
    """Sum of the voices heard, each for as long as it spoke."""

    total: Voice
    spoken_ms: int

    def learn(self, voice: Voice, spoken_ms: int) -> None:
        """Another utterance of theirs; what is long ago fades."""
        counted = min(spoken_ms, LEARNT_MS)
        keep = min(1.0, (MOST_MS - counted) / max(1, self.spoken_ms))
        self.total = self.total * np.float32(keep) + voice * np.float32(counted)
        self.spoken_ms = int(self.spoken_ms * keep) + counted

    @property
    def mean(self) -> Voice:
        """Of length 1."""
        made: Voice = self.total / max(float(np.linalg.norm(self.total)), 1e-9)
        return made


class Speakers:
    """At most `most` of them; `known` are voices of those who spoke before on another recogniser."""

    def __init__(self, most: int, known: Iterable[ev.Voice] = ()) -> None:
        self._most = most
        self._people = {
            one.speaker: _Person(_unpacked(one) * np.float32(one.spoken_ms), one.spoken_ms) for one in known
        }

    def label(self, voice: Voice, spoken_ms: int) -> Label:
        """Label an utterance and learn from it, if its label is sure."""
        near = {
            number: float(person.mean @ voice)
            for number, person in self._people.items()
            if len(person.total) == len(voice)  # another one is of another encoder, in a mixed fleet
        }
        if not near:
            return self._new(voice, spoken_ms, 1.0)
        best = max(near, key=lambda number: near[number])
        others = max((value for number, value in near.items() if number != best), default=-1.0)
        least = SAME if spoken_ms >= SHORT_MS else SAME_SHORT
        if near[best] < least and len(self._people) < self._most and spoken_ms >= LEAST_NEW_MS:
            return self._new(voice, spoken_ms, _sure(least - near[best]))
        confidence = _sure(min(near[best] - least, near[best] - others))
        if near[best] >= least:
            self._people[best].learn(voice, spoken_ms)
        return Label(best, confidence)

    def _new(self, voice: Voice, spoken_ms: int, confidence: float) -> Label:
        number = max(self._people, default=0) + 1
        self._people[number] = _Person(
            voice * np.float32(min(spoken_ms, LEARNT_MS)), min(spoken_ms, LEARNT_MS)
        )
        return Label(number, confidence)

    def voice(self, speaker: int) -> ev.Voice:
        """The voice of a speaker so far, as the bus carries it."""
        person = self._people[speaker]
        mean = person.mean
        numbers = np.round(mean / max(float(np.abs(mean).max()), 1e-9) * STEPS).astype(np.int8)
        return ev.Voice(speaker=speaker, print=numbers.tobytes(), spoken_ms=person.spoken_ms)


def _unpacked(voice: ev.Voice) -> Voice:
    numbers = np.frombuffer(voice.print, np.int8).astype(np.float32)
    made: Voice = numbers / max(float(np.linalg.norm(numbers)), 1e-9)
    return made


def _sure(distance: float) -> float:
    """0.5 where it could be either, more with the distance from there."""
    return float(min(1.0, max(0.0, 0.5 + distance / (2 * SPREAD))))
