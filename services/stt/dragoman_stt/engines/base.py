"""Interface of a recogniser; engines are entry points of `dragoman.stt.engines`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from dragoman_contract.events import OtherLanguages

Audio = np.ndarray[Any, np.dtype[np.float32]]
Voice = np.ndarray[
    Any, np.dtype[np.float32]
]  # an embedding of length 1: the angle between two tells people apart
Spans = tuple[tuple[int, int], ...]  # (start, end) in ms of a window, in order


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """Options of one decode. No language = detect among `languages`, or among all."""

    languages: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    context: str = ""
    final: bool = False
    timed: bool = False  # with times of words, which a final has anyway
    translate: bool = False  # add the recogniser's own English
    settings: dict[str, str] = field(default_factory=dict)  # private ones of the session, from its enrichment
    speech: Spans = ()  # where voice activity heard speech; empty = nobody knows
    agreed: str = ""  # how the text begins, as interims agreed: a final does not lose it
    expected: str = ""  # the language that the track speaks so far; one short utterance does not change it
    others: OtherLanguages = OtherLanguages.UNSPECIFIED  # speech in none of `languages`
    candidates: tuple[str, ...] = ()  # detect among these where there are no `languages`


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word with the space before it, if any; times in ms of the window."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Text heard in a window, with times and scores; empty text = nothing was said."""

    text: str
    language: str
    language_probability: float
    words: tuple[HeardWord, ...] = ()
    confidence: float = 0.0
    english: str = ""
    sure: bool = True  # nothing in it says that it should be decoded again
    other: bool = False  # spoken in none of the languages that were named
    change_ms: int = 0  # place in the window where another language begins; 0 = nowhere


Pcm = np.ndarray[Any, np.dtype[np.int16]]


class VoiceActivity(Protocol):
    """One track's state: frames of 512 samples in order → probability of speech, 0..1."""

    def __call__(self, frame: Pcm) -> float:
        """The probability of the next frame."""


class VoiceActivityModel(Protocol):
    """One per process, shared by its tracks."""

    def track(self) -> VoiceActivity:
        """The state of a new track."""


class TurnJudge(Protocol):
    """One per process: hears in a pause whether the speaker has finished. It blocks: off the event loop."""

    window: int  # samples before the pause's end that it wants to hear at most

    def finished(self, audio: Audio) -> float:
        """The probability, 0..1, of float32 samples at 16 kHz that end in the pause."""


class SpeakerEncoder(Protocol):
    """One per process: hears who speaks. It blocks: off the event loop."""

    def voice(self, audio: Audio) -> Voice:
        """The voice of float32 samples at 16 kHz, at least 0.3 s of one person's speech."""


class NoiseSuppressor(Protocol):
    """One per process. Takes `hop` samples at a time; they come out `delay` samples later."""

    hop: int
    delay: int

    def track(self) -> Callable[[Pcm], Pcm]:
        """The state of a new track: the next hop in, clean samples out."""


@runtime_checkable
class Recogniser(Protocol):
    """One per process, its model shared by all tracks. `decode` blocks: it runs off the event loop."""

    name: str

    def languages(self) -> list[str]:
        """Return the languages that can be recognised."""

    def warm(self) -> None:
        """Load the model and decode something, so that the first utterance is not late."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Recognise a window of float32 samples at 16 kHz.

        Raises:
            DragomanError: `ENGINE_FAILED`.
        """


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """Options of a stream. No language = detect it; `silence_ms` > 0 is the client's own endpoint."""

    languages: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    context: str = ""
    silence_ms: int = 0
    settings: dict[str, str] = field(default_factory=dict)  # private ones of the session, from its enrichment


@dataclass(frozen=True, slots=True)
class StreamAudio:
    """The next samples of a stream; with `end` its open utterance is over with them, whatever follows."""

    stream: Any
    pcm: Pcm
    end: bool = False


@dataclass(frozen=True, slots=True)
class StreamUpdate:
    """The open utterance as it is heard now; `over` = it is the final. Times are ms since the stream began.

    The first `stable` characters of the text will not change. A final with an empty text is noise.
    """

    heard: Hypothesis
    start_ms: int
    end_ms: int  # of the speech heard so far
    stable: int = 0
    over: bool = False


@runtime_checkable
class StreamingRecogniser(Protocol):
    """One per process. It keeps the state of each stream and finds the endpoints itself."""

    name: str

    def languages(self) -> list[str]:
        """BCP 47 tags of the languages that can be recognised."""

    def warm(self) -> None:
        """Load the model and decode something, so that the first utterance is not late."""

    def open(self, options: StreamOptions) -> Any:
        """The state of a new stream. It is cheap: called on the event loop."""

    def step(self, audio: Sequence[StreamAudio]) -> list[list[StreamUpdate]]:
        """Listen to the next audio of several streams; for each what changed, in order. It blocks.

        Raises:
            DragomanError: `ENGINE_FAILED`; the tracks of these streams go to another recogniser.
        """
