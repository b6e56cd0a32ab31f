"""Sentences that are translated again or played: the jobs beside the utterances, and what each is for."""

from dataclasses import dataclass, field
from enum import StrEnum

from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.sentences import Sentence
from dragoman_edge.model.commands import TextRequest

MOST_OPEN = 600  # below what a session may have, so that the mesh refuses none


class Kind(StrEnum):
    """Purpose of a task."""

    RETRANSLATE = "retranslate"
    BATCH = "batch"
    PLAY = "play"


@dataclass(slots=True)
class Batch:
    """All sentences into a new language (`switch_language`)."""

    language: str
    total: int
    done: int = 0
    failed: list[int] = field(default_factory=list)
    refused: bool = False  # the session stays as it was: what comes is not shown

    @property
    def over(self) -> bool:
        """Whether each sentence has its translation or its failure."""
        return self.done + len(self.failed) >= self.total


@dataclass(slots=True)
class Task:
    """A text request that waits for its result."""

    kind: Kind
    sentence: Sentence
    language: str
    batch: Batch | None = None
    silent: bool = False  # stopped before it was spoken


class Tasks:
    """Tasks without a result yet, by number: 1, 2, 3 and so on."""

    def __init__(self) -> None:
        self._open: dict[int, Task] = {}
        self._next = 1

    def room(self, wanted: int) -> None:
        """Whether so many more can be taken.

        Raises:
            Problem: `rate_limit_exceeded`.
        """
        if len(self._open) + wanted > MOST_OPEN:
            raise Problem("rate_limit_exceeded", "Too many translations are still to come")

    def translate(
        self, kind: Kind, sentence: Sentence, language: str, batch: Batch | None = None
    ) -> TextRequest:
        """Into one language."""
        number = self._add(Task(kind, sentence, language, batch))
        return TextRequest(
            number,
            sentence.text,
            sentence.language,
            (language,),
            duration_ms=sentence.duration_ms,
            of=sentence.sid,
        )

    def play(self, sentence: Sentence, language: str, text: str) -> TextRequest:
        """Speak a translation."""
        return TextRequest(
            self._add(Task(Kind.PLAY, sentence, language)),
            text,
            sentence.language,
            (language,),
            speech=True,
            translated=True,
            source_text=sentence.text,
        )

    def find(self, number: int) -> Task | None:
        """Return the task of a number, unless it is over."""
        return self._open.get(number)

    def finish(self, number: int) -> Task | None:
        """Remove and return a task that has its result."""
        return self._open.pop(number, None)

    def refused(self, number: int) -> Task | None:
        """Remove a task that was not accepted; its number is free again."""
        self._next = min(self._next, number)
        return self._open.pop(number, None)

    def silence(self) -> None:
        """Nothing that waits to be spoken is wanted any more."""
        for task in self._open.values():
            task.silent = task.silent or task.kind is Kind.PLAY

    def _add(self, task: Task) -> int:
        self.room(1)
        number = self._next
        self._next += 1
        self._open[number] = task
        return number
