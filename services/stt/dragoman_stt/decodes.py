"""Requests of a track's policy for decodes, and their results. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import ms_to_samples, samples_to_ms
from dragoman_stt.engines.base import Audio, HeardWord, Hypothesis, Pcm, Spans


class Kind(StrEnum):
    """Why something is decoded."""

    INTERIM = "interim"
    SPECULATIVE = "speculative"  # in a pause: the final, if no more speech comes
    CUT = "cut"  # the utterance is too long
    SEGMENT = "segment"  # a part of it is concluded while the speaker goes on
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Order:
    """Instructions of the edge for an utterance."""

    spec: rpc.RecogniserSpec
    work: ev.WorkOrder


@dataclass(frozen=True, slots=True)
class Request:
    """Decode `pcm`, which begins at sample `start`, and on whose first words interims agreed.

    `kept` are words before it that need not be decoded again; their times count from the utterance's start.
    """

    kind: Kind
    start: int
    pcm: Pcm
    speech_end: int
    order: Order
    speech: Spans = ()
    agreed: str = ""
    before: str = ""
    kept: tuple[HeardWord, ...] = ()

    @property
    def audio(self) -> Audio:
        """Return the window's samples in the form for engines."""
        return self.pcm.astype(np.float32) / 32768.0

    @property
    def end(self) -> int:
        """The sample after the last one."""
        return self.start + len(self.pcm)

    @property
    def said(self) -> Spans:
        """Return the spans of voice up to the end of the speech, in ms of the window."""
        last_ms = samples_to_ms(self.speech_end - self.start)
        return tuple((start, min(end, last_ms)) for start, end in self.speech if start < last_ms)

    def voiced(self, spans: Spans) -> Pcm:
        """The samples of these spans of the window, one behind the other."""
        parts = [self.pcm[ms_to_samples(start) : ms_to_samples(end)] for start, end in spans]
        return np.concatenate(parts) if parts else self.pcm[:0]

    def until(self, end: int) -> "Request":
        """Return the part before a sample of the track."""
        return replace(self, pcm=self.pcm[: end - self.start], speech_end=min(end, self.speech_end))

    def behind(self, start: int) -> "Request":
        """Return the part from a sample of the track on."""
        return replace(self, start=start, pcm=self.pcm[start - self.start :])


@dataclass(frozen=True, slots=True)
class Result:
    """A transcript to show. Speech lies from sample `onset` to `speech_end`; words count from `start`.

    `said` is what was decoded for a final whose speaker is to be told.
    """

    utterance: int
    revision: int
    final: bool
    heard: Hypothesis
    stable: int
    start: int
    onset: int
    speech_end: int
    covered: int
    order: Order
    said: Request | None = None


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """An utterance that could not be recognised."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Activity:
    """Speech began or ended at a sample of the track."""

    speaking: bool
    at: int


Output = Result | Unrecognised | Activity
