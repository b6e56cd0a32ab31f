"""What a translator is. An engine is found through the entry points `dragoman.translation.engines`."""

from dataclasses import dataclass, field
from typing import Protocol

from dragoman_contract.events import Alternative


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


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that an engine can translate directly; a lower cost is preferred in chains."""

    source: str
    target: str
    cost: float = 1.0


class Translator(Protocol):
    """Translates between its own pairs. One per process, shared by all utterances."""

    name: str

    def pairs(self) -> list[Pair]:
        """What can be translated directly; languages without region where possible."""

    async def warm(self, pairs: list[Pair]) -> None:
        """Load what these pairs need, so that the first sentence is not late."""

    async def translate(self, job: Job) -> str:
        """The text in the target language.

        Raises:
            DragomanError: `UNSUPPORTED_LANGUAGE`, `ENGINE_FAILED` or `TIMEOUT`.
        """

    async def close(self) -> None:
        """Let processes and models go."""
