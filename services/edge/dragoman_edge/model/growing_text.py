"""A text of which more and more is concluded: what was shown as such stays, whatever comes later. Pure."""

import re
from collections.abc import Sequence

LONG_WORD = 12  # characters a word; longer ones of a script without spaces are several
_UNSPACED = re.compile(  # scripts of South-East Asia, kana and Han
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
CHARACTERS = 2  # of a script without spaces, that are like a word
_CLAUSE_END = re.compile(r"[,;:](?=\s|$)|[、，；：]")
_SENTENCE_END = re.compile(r"[.?!。？！…]+[\"'”’»)]*(?=\s|$)|[。？！]")


class GrowingText:
    """The text of one utterance; `text` is what is concluded of it."""

    def __init__(self) -> None:
        self.text = ""

    def grow(self, text: str, stable_length: int) -> bool:
        """Take what is stable of an interim; whether more is concluded now."""
        span = self.shown(text[:stable_length].rstrip())
        grown = len(span) > len(self.text)
        self.text = span if grown else self.text
        return grown

    def shown(self, text: str) -> str:
        """`text`, beginning with what is concluded already."""
        return text if text.startswith(self.text) else extended(self.text, text)


def common(text: str, other: str) -> int:
    """Characters that two texts have in common at their beginning."""
    pairs = zip(text, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(text), len(other)))


def agreed(before: str, now: str) -> int:
    """Characters of `now` that two texts have in common, up to the end of a word.

    A word counts once another follows it in both: the last one may still be growing.
    """
    if not spaced(now):
        return max(0, common(before, now) - CHARACTERS)
    words, others = now.split(" "), before.split(" ")
    pairs = zip(words[:-1], others[:-1], strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(words), len(others)) - 1)
    return len(" ".join(words[:same]))


def up_to_word(text: str, length: int) -> int:
    """The largest number of characters up to `length` that ends behind a word."""
    if not spaced(text) or length >= len(text):
        return min(length, len(text))
    return max(0, text.rfind(" ", 0, length + 1))


def without_last(text: str, words: int) -> str:
    """The text without its last words, or as many characters as are like them."""
    if not spaced(text):
        return text[: max(0, len(text) - words * CHARACTERS)]
    return " ".join(text.split(" ")[:-words]) if words else text


def without_first(beginning: str, text: str) -> str:
    """The text without a beginning that says the same; all of it where it does not begin so."""
    words = spaced(text)
    first: Sequence[str] = beginning.split() if words else beginning
    units: Sequence[str] = text.split() if words else text
    same = list(map(_bare, first)) == list(map(_bare, units[: len(first)]))
    return (" " if words else "").join(units[len(first) :]) if same else text


def first_words(text: str, words: int) -> str:
    """The first words of a text, or as many characters as are like them."""
    return " ".join(text.split(" ")[:words]) if spaced(text) else text[: words * CHARACTERS]


def first_sentence(text: str) -> int:
    """Characters of a text up to the end of its first sentence; all of it when none ends."""
    end = _SENTENCE_END.search(text)
    return end.end() if end else len(text)


def whole_clauses(text: str) -> int:
    """Characters of a text up to its last comma or the like; all of it when there is none."""
    ends = [found.end() for found in _CLAUSE_END.finditer(text)]
    return ends[-1] if ends else len(text)


def spaced(text: str) -> bool:
    """Whether a text has words with spaces between them."""
    few = " " in text and len(text) <= LONG_WORD * (text.count(" ") + 1)
    return few or not _UNSPACED.search(text)


def extended(known: str, text: str) -> str:
    """`known`, and what `text` says after the place where `known` ends in it."""
    before, now, joint, place = _placed(known, text)
    rest = joint.join(now[place:])
    return known + _ending(before[-1:], now[max(0, place - 1) : place]) + (joint + rest if rest else "")


def behind(known: str, text: str) -> str:
    """Return the end of `text` after the place where `known` ends in it."""
    _, now, joint, place = _placed(known, text)
    return joint.join(now[place:])


def _placed(known: str, text: str) -> tuple[Sequence[str], Sequence[str], str, int]:
    """The units of both, what stands between units, and how many of `text` say what `known` says."""
    words = spaced(text)
    before: Sequence[str] = known.split() if words else known
    now: Sequence[str] = text.split() if words else text
    return before, now, " " if words else "", _end_of(list(map(_bare, before)), list(map(_bare, now)))


def _ending(before: Sequence[str], now: Sequence[str]) -> str:
    """The punctuation that the last word has got."""
    for old, new in zip(before, now, strict=False):
        if new.startswith(old) and _bare(new) == _bare(old):
            return new[len(old) :]
    return ""


def _bare(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum()) or word


def _end_of(known: list[str], words: list[str]) -> int:
    """How many of `words` say what `known` says: the beginning of least edit distance."""
    row = list(range(len(words) + 1))
    for number, word in enumerate(known, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(words, 1):
            cost = before + (word != other)
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, cost)
    return min(range(len(row)), key=lambda place: (row[place], abs(place - len(known))))
