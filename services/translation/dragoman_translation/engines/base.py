"""Interface of a translator; engines are entry points of `dragoman.translation.engines`."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from dragoman_contract.events import Alternative, Term


@dataclass(frozen=True, slots=True)
class Job:
    """One sentence or more to translate from one language to another; tags are BCP 47."""

    text: str
    source: str
    target: str
    alternatives: tuple[Alternative, ...] = ()
    context: str = ""
    label: str = ""  # of the target language, in words
    source_label: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    dictionary: tuple[Term, ...] = ()
    preceding: str = ""  # the end of what was said just before
    shown: str = ""  # of a text that grows: what readers have of its translation, and should not see changed
    wanted: str = ""  # the target as the client wrote it, where this step leads there: pt-BR


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that an engine can translate directly.

    `quality` is chrF on FLORES-200 (0..100), measured or published; 0 = not known.
    `cost_ms` is what a sentence takes, in ms.
    """

    source: str
    target: str
    quality: float = 0.0
    cost_ms: float = 0.0


class Translator(Protocol):
    """Translates between its own pairs. One per process, shared by all utterances."""

    name: str
    heeds: frozenset[
        str
    ]  # what it uses of a job besides the text: "label", "context", "dictionary", "preceding", "shown"

    def pairs(self) -> list[Pair]:
        """Return the pairs that are translated directly; languages without region where possible."""

    async def warm(self, pairs: list[Pair]) -> None:
        """Load what these pairs need, so that the first sentence is not late."""

    async def translate(self, job: Job) -> str:
        """The text in the target language.

        Raises:
            DragomanError: `UNSUPPORTED_LANGUAGE`, `ENGINE_FAILED` or `TIMEOUT`.
        """

    async def close(self) -> None:
        """Let processes and models go."""


@runtime_checkable
class HostedTranslator(Translator, Protocol):
    """A translator whose pairs are those of one server: when one fails, no other is tried for that text."""

    only_named: bool  # used only where an account's enrichment names it
