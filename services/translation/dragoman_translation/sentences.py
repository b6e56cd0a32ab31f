"""A text as its sentences, and sentences as a text again, paragraphs kept. Pure."""

import re
from dataclasses import dataclass

from sentencex import segment

from dragoman_contract.languages import key

# Written without spaces between sentences.
UNSPACED = frozenset({"zh", "ja", "yue", "th", "lo", "km", "my", "bo", "dz"})
_CONTROL = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_SPACES = re.compile(r" {2,}")
_LINE = re.compile(r"(\n\s*)")
_CLAUSE = re.compile(r"[,;:—–،、，；：]\s*(?=\w)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the line breaks behind it, if any."""

    text: str
    breaks: str = ""


def sentences(text: str, language: str) -> list[Sentence]:
    """The sentences of a text, without the spaces around them; characters that nobody writes become spaces.

    Args:
        language: BCP 47; how its abbreviations and full stops are read.
    """
    lines = _LINE.split(_SPACES.sub(" ", _CONTROL.sub(" ", text)).strip())
    found: list[Sentence] = []
    for line, breaks in zip(lines[::2], [*lines[1::2], ""], strict=True):
        parts = _parts(line, language)
        found += [Sentence(part) for part in parts[:-1]]
        found += [Sentence(part, "\n" * breaks.count("\n")) for part in parts[-1:]]
    return found


def _parts(line: str, language: str) -> list[str]:
    parts: list[str] = []
    for part in filter(str.strip, segment(key(language), line)):
        if parts and _goes_on(parts[-1].rstrip(), part):
            parts[-1] += part
        else:
            parts.append(part)
    return [part.strip() for part in parts]


def _goes_on(before: str, part: str) -> bool:
    """A full stop before a small letter is an abbreviation's; signs alone go with what is before them."""
    return (before.endswith(".") and part[:1].islower()) or not any(map(str.isalnum, part))


def joined(parts: list[Sentence], language: str) -> str:
    """The text that they make in a language."""
    space = gap(language)
    pieces = [part.text + (part.breaks or space) for part in parts]
    return "".join(pieces).strip()


def gap(language: str) -> str:
    """Return the text between two sentences of a language."""
    return "" if key(language) in UNSPACED else " "


def halves(text: str) -> tuple[str, str] | None:
    """The text cut near its middle: at a clause, else at a space, else between any two characters.

    None when it is a single character.
    """
    clauses = [match.end() for match in _CLAUSE.finditer(text)]
    spaces = [place + 1 for place, sign in enumerate(text) if sign == " "]
    for places in (clauses, spaces, range(1, len(text))):
        near = [place for place in places if 0.25 <= place / len(text) <= 0.75] or []
        if near:
            middle = min(near, key=lambda place: abs(place - len(text) / 2))
            return text[:middle].strip(), text[middle:].strip()
    return None


def says_something(text: str) -> bool:
    """Whether there is a letter in it: signs and figures alone are the same in every language."""
    return any(map(str.isalpha, text))
