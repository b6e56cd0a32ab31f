"""The protocol of summarisers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import SummaryWish


class FilteredError(PeerError):
    """The engine refuses the prompt or the transcript for what is in it."""

    def __init__(self) -> None:
        super().__init__(FaultCode.BAD_REQUEST, "the engine's filter refused the content")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a transcript."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Job:
    """A transcript, and the wish for its summary; `language` is BCP 47, empty = that of the transcript."""

    wish: SummaryWish
    lines: Sequence[Line]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A summary of a transcript, and how it came about.

    `level`: 1 = as it was wished, 2 = by a neutral prompt, 3 = without the lines `dropped` (indices from 0).
    """

    text: str
    engine: str
    level: int = 1
    dropped: tuple[int, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0


class Summariser(Protocol):
    """An engine that summarises transcripts."""

    async def summarise(self, job: Job) -> Made:
        """Summarise a transcript of at least one line.

        Raises:
            FilteredError: the engine refuses the content, also without its worst parts.
            DragomanError: it failed.
        """

    async def close(self) -> None:
        """Let go of connections."""
