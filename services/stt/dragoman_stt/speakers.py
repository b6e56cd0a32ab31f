"""Speakers of a track by their voices: who says an utterance, and where another one goes on. Pure.

A voice is compared with the mean of each speaker's; one that is like none of them is a new speaker's. Known
speakers have an enrolled voice and a name, and get their number when they first speak.
"""

from collections import deque
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
NAMED_MS = 3_000  # of speech after which a speaker may turn out to be a known one
STEPS = 127  # of a number of a voice on the bus
PAUSE_MS, LEAST_SIDE_MS = 200, 900  # of silence between two speakers; of speech of each that tells it
MOST_PARTS = 4  # of a window that are compared with their neighbours
CHANGED, CHANGED_SHORT = 0.66, 0.55  # cosine below which the next part is another speaker's; of a short part
SURE = 0.6  # confidence below which a label may be corrected later
PUT_RIGHT = 0.6  # confidence from which another label is worth a correction
MOST_UNSURE = 8  # utterances that are looked at again
UNSURE_UTTERANCES = 30  # how far behind they may lie


@dataclass(frozen=True, slots=True)
class Label:
    """A speaker, from 1 on in the order of their first utterance, and how sure that is, 0..1.

    `name` is a known speaker's.
    """

    speaker: int
    confidence: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """An utterance whose label is unsure, with its own voice."""

    utterance: int
    label: Label
    voice: Voice
    spoken_ms: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Another label of an utterance."""

    utterance: int
    before: Label
    label: Label


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
    return _unit(np.sum([v * np.float32(w) for v, w in zip(voices, weights, strict=True)], axis=0))


def _unit(total: Voice) -> Voice:
    """A voice of length 1."""
    made: Voice = total / max(float(np.linalg.norm(total)), 1e-9)
    return made


@dataclass(slots=True, eq=False)
class _Person:
    """Sum of the voices heard, each for as long as it spoke."""

    total: Voice
    spoken_ms: int
    name: str = ""

    def learn(self, voice: Voice, spoken_ms: int) -> None:
        """Another utterance of theirs; what is long ago fades."""
        counted = min(spoken_ms, LEARNT_MS)
        keep = min(1.0, (MOST_MS - counted) / max(1, self.spoken_ms))
        self.total = self.total * np.float32(keep) + voice * np.float32(counted)
        self.spoken_ms = int(self.spoken_ms * keep) + counted

    @property
    def mean(self) -> Voice:
        """Of length 1."""
        return _unit(self.total)


class Speakers:
    """Tells speakers apart.

    Args:
        most: speakers that are numbered; known ones who speak are, also where that makes more.
        heard: voices of those who spoke before on another recogniser.
        known: enrolled voices; each must have a name.
        unsure: utterances before whose label may still be corrected.
    """

    def __init__(
        self,
        most: int,
        heard: Iterable[ev.Voice] = (),
        known: Iterable[ev.KnownSpeaker] = (),
        unsure: Iterable[Unsure] = (),
    ) -> None:
        self._most = most
        self._people = {one.speaker: _person(one) for one in heard}
        spoken = {person.name for person in self._people.values()}
        self._silent = [_person(one) for one in known if one.name not in spoken]
        self._unsure = deque(unsure, MOST_UNSURE)

    def label(self, voice: Voice, spoken_ms: int) -> Label:
        """Label an utterance and learn from it, if its label is sure."""
        least = SAME if spoken_ms >= SHORT_MS else SAME_SHORT
        near = self._near(voice)
        self._admit(voice, max(least, max(near.values(), default=-1.0)))
        near = self._near(voice)
        if not near:
            return self._new(voice, spoken_ms, 1.0)
        best = max(near, key=lambda number: near[number])
        if near[best] < least and len(self._people) < self._most and spoken_ms >= LEAST_NEW_MS:
            return self._new(voice, spoken_ms, _sure(least - near[best]))
        if near[best] >= least:
            self._people[best].learn(voice, spoken_ms)
            self._name(self._people[best])
        return self._labelled(best, near, least)

    def _near(self, voice: Voice) -> dict[int, float]:
        """Cosines by speaker; a voice of another length is of another encoder, in a mixed fleet."""
        return {
            number: float(person.mean @ voice)
            for number, person in self._people.items()
            if len(person.total) == len(voice)
        }

    def _admit(self, voice: Voice, least: float) -> None:
        """Number a known speaker who has not spoken yet, if the voice is nearer to theirs than `least`."""
        near = [
            (float(one.mean @ voice), index)
            for index, one in enumerate(self._silent)
            if len(one.total) == len(voice)
        ]
        cosine, index = max(near, default=(-1.0, 0))
        if cosine >= least:
            self._people[self._next] = self._silent.pop(index)

    def _name(self, person: _Person) -> None:
        """Name a speaker whose first utterance was not like their enrolled voice, and all together are."""
        if person.name or person.spoken_ms < NAMED_MS:
            return
        for known in self._silent:
            if len(known.total) == len(person.total) and float(known.mean @ person.mean) >= SAME:
                person.name = known.name
                self._silent.remove(known)
                return

    def _labelled(self, best: int, near: dict[int, float], least: float) -> Label:
        others = max((value for number, value in near.items() if number != best), default=-1.0)
        confidence = _sure(min(near[best] - least, near[best] - others))
        return Label(best, confidence, self._people[best].name)

    @property
    def _next(self) -> int:
        return max(self._people, default=0) + 1

    def _new(self, voice: Voice, spoken_ms: int, confidence: float) -> Label:
        number, counted = self._next, min(spoken_ms, LEARNT_MS)
        self._people[number] = _Person(voice * np.float32(counted), counted)
        return Label(number, confidence)

    def doubt(self, unsure: Unsure) -> None:
        """Look at an utterance again when more is known."""
        self._unsure.append(unsure)

    def corrections(self, utterance: int) -> list[Correction]:
        """Labels of utterances before this one that turn out to be other ones; each comes once."""
        found, left = [], []
        for one in self._unsure:
            label = self._again(one)
            if label.confidence >= PUT_RIGHT and label.speaker != one.label.speaker:
                found.append(Correction(one.utterance, one.label, label))
            elif label.confidence < PUT_RIGHT and one.utterance > utterance - UNSURE_UTTERANCES:
                left.append(one)
        self._unsure = deque(left, MOST_UNSURE)
        return found

    def _again(self, unsure: Unsure) -> Label:
        near = self._near(unsure.voice)
        if not near:
            return unsure.label
        best = max(near, key=lambda number: near[number])
        return self._labelled(best, near, SAME if unsure.spoken_ms >= SHORT_MS else SAME_SHORT)

    def voice(self, speaker: int) -> ev.Voice:
        """The voice of a speaker so far, as the bus carries it."""
        person = self._people[speaker]
        return ev.Voice(
            speaker=speaker, print=packed(person.mean), spoken_ms=person.spoken_ms, name=person.name
        )


def packed(voice: Voice) -> bytes:
    """A voice as the bus carries it: int8 numbers."""
    return np.round(voice / max(float(np.abs(voice).max()), 1e-9) * STEPS).astype(np.int8).tobytes()


def unpacked(print_: bytes) -> Voice:
    """A voice of length 1, from the bus."""
    return _unit(np.frombuffer(print_, np.int8).astype(np.float32))


def _person(voice: ev.Voice | ev.KnownSpeaker) -> _Person:
    spoken_ms = max(1, min(voice.spoken_ms, MOST_MS))
    return _Person(unpacked(voice.print) * np.float32(spoken_ms), spoken_ms, voice.name)


def _sure(distance: float) -> float:
    """0.5 where it could be either, more with the distance from there."""
    return float(min(1.0, max(0.0, 0.5 + distance / (2 * SPREAD))))
