"""Interface of a synthesiser; engines are entry points of `dragoman.tts.engines`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.int16]]


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine; `language` is BCP 47, `gender` "male", "female" or empty, `rate` in Hz."""

    id: str
    language: str
    gender: str
    rate: int
    engine: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Place of a word: offset and duration in ms of the speech, place and length in the text."""

    offset_ms: int
    duration_ms: int
    text_offset: int
    text_length: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some speech at the voice's own rate."""

    samples: Samples
    marks: tuple[Mark, ...] = ()


class Synthesiser(Protocol):
    """One per process. `synthesise` blocks: it runs off the event loop and is consumed where it runs."""

    name: str

    def voices(self) -> list[Voice]:
        """Return the voices that can speak."""

    def warm(self) -> None:
        """Load what the first sentence needs."""

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """Speech for one clause, in pieces as they are made; the same text gives (nearly) the same speech.

        Raises:
            DragomanError: `ENGINE_FAILED`.
        """


@runtime_checkable
class HostedSynthesiser(Synthesiser, Protocol):
    """A synthesiser on a server that texts are sent to."""

    only_named: bool  # used only where an account's enrichment names it
