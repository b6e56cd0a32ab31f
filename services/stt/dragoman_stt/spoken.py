"""The language that a track speaks, as its finals tell. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from dragoman_contract.audio import samples_to_ms
from dragoman_stt.decodes import Output, Result

LONG_MS = 1500  # of speech: a shorter utterance says little of its language


@dataclass(slots=True)
class Spoken:
    """Tag of the language, as the recogniser writes it; empty = nothing was said yet."""

    language: str = ""

    def take(self, outputs: Iterable[Output]) -> None:
        """Learn from finals: the first one, and those that are not short."""
        for output in outputs:
            if (
                not isinstance(output, Result)
                or not output.final
                or not output.heard.text
                or output.heard.other
            ):
                continue
            if not self.language or samples_to_ms(output.speech_end - output.onset) >= LONG_MS:
                self.language = output.heard.language
