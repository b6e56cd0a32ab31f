"""Around every chain of engines: what must survive is hidden from them, and what they get wrong is mended.

In this order: times and dates as the target writes them; a phrase that is known as a whole answered without
an engine; terms, names, amounts and signs hidden; capitals and a full stop as engines expect them; the
engines; numbers and typography; what was hidden put back.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dragoman_contract.languages import key as language_of
from dragoman_translation import formats, protection, signs
from dragoman_translation.glossary import Glossary
from dragoman_translation.protection import Kept, merged
from dragoman_translation.short_answers import short_answer
from dragoman_translation.typography import finished

Run = Callable[[str], Awaitable[str]]
SHORT = (
    5  # words of a text that gets a full stop: without one engines take it for the beginning of a sentence
)
MOST_LINES = 40  # with the breaks between them; of more the engines see all at once
_LINES = re.compile(r"(\n+)")
COMMAS = frozenset(",;")  # behind which a sentence goes on
OTHER_COMMAS = frozenset(
    {"zh", "yue", "ja", "ar", "fa", "ur", "ps", "sd", "ug", "ckb", "dv", "th", "my", "am", "ti"}
)
UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my"})


@dataclass(frozen=True, slots=True)
class Wording:
    """One text on its way from `source` to `target` (BCP 47)."""

    source: str
    target: str
    glossary: Glossary
    phrases: bool = True  # known phrases need no engine; one that heeds labels may say them in its own way

    async def translate(self, text: str, run: Run) -> str:
        """The text in the target language; `run` is a chain of engines, asked once a line as a rule.

        Raises:
            PeerError: `TOO_LARGE`, when the dictionary is out of proportion to the text.
            DragomanError: of the engines.
        """
        lines = _LINES.split(text)
        if not 1 < len(lines) <= MOST_LINES:
            return await self._line(text, run)
        return "".join([await self._line(line, run) for line in lines])

    async def _line(self, text: str, run: Run) -> str:
        before, body, after = signs.framed(formats.written(text, self.source, self.target))
        if not any(map(str.isalnum, body)):
            return text
        terms = self.glossary.find(body)
        answer = short_answer(body, self.source, self.target) if self.phrases and not terms else None
        if answer is not None:
            return before + finished(answer, body, self.target) + after
        others = merged([*formats.amounts(body, self.source, self.target), *signs.kept(body)])
        kept = merged([*terms, *others[: max(0, protection.MOST - len(terms))]])
        return before + await self._kept(body, kept, run) + after

    async def _kept(self, body: str, kept: list[Kept], run: Run) -> str:
        for form in range(protection.FORMS):
            protected = protection.protect(body, kept, form)
            if protected is None:
                continue
            restored = protected.restore(await self._mended(protected.text, run))
            if restored is not None:
                return restored
        return await self._in_pieces(body, kept, run)

    async def _in_pieces(self, body: str, kept: list[Kept], run: Run) -> str:
        out = ""
        for piece, as_is in protection.pieces(body, kept):
            said = piece if as_is else await self._piece(piece, run, first=not out)
            out += (" " if self._touch(out, said) else "") + said
        return out

    async def _piece(self, piece: str, run: Run, first: bool) -> str:
        """What stands between two terms, with the spaces around it."""
        words = piece.strip()
        if not any(map(str.isalnum, words)):
            return piece
        before, _, behind = piece.partition(words)
        said = await self._mended(words, run)
        if words[:1].islower() and said[1:2].islower():
            said = said[:1].lower() + said[1:]
        elif first and words[:1].isupper():
            said = said[:1].upper() + said[1:]
        return before + said + behind

    def _touch(self, left: str, right: str) -> bool:
        """Whether a space is wanting: a language without spaces has none between a term and the rest."""
        if language_of(self.source) not in UNSPACED or language_of(self.target) in UNSPACED:
            return False
        return left[-1:].isalnum() and right[:1].isalnum()

    async def _mended(self, text: str, run: Run) -> str:
        """Through the engines with the capitals and the stop that they know, and back."""
        loud = _loud(text)
        said = text[:1] + text[1:].lower() if loud else text
        comma = said[-1:] if self._open(said) else ""
        said = said.removesuffix(comma)
        stop = "." if self._unfinished(said) else ""
        answer = await run(said + stop)
        if stop and not answer.endswith("..."):
            answer = answer.rstrip().removesuffix(".")
        if comma:
            answer = answer.rstrip(" .,;") + comma
        answer = formats.repaired(answer, text, self.source, self.target)
        answer = finished(answer, text, self.target)
        return answer.upper() if loud else answer

    def _open(self, text: str) -> bool:
        """Whether it ends in a comma, at which engines guess; scripts with commas of their own have none."""
        languages = {language_of(self.source), language_of(self.target)}
        return text[-1:] in COMMAS and any(map(str.isalnum, text)) and languages.isdisjoint(OTHER_COMMAS)

    def _unfinished(self, text: str) -> bool:
        return (
            text[-1:].isalnum()
            and len(text.split()) <= SHORT
            and language_of(self.source) not in UNSPACED
            and language_of(self.target) not in UNSPACED
        )


def _loud(text: str) -> bool:
    """Whether all of it is in capitals, which engines take for names or abbreviations."""
    letters = [c for c in text if c.isalpha()]
    words = [word for word in text.split() if len(word) > 3 and word.isupper()]
    return len(words) > 1 and all(map(str.isupper, letters)) and len(text) == len(text.lower())
