"""A text of which more and more is final: what was shown as final stays, whatever is heard later. Pure."""

from collections.abc import Sequence

LONG_WORD = 12  # characters a word; longer ones are those of scripts without spaces


class Stable:
    """One segment; `text` is what is final of it."""

    def __init__(self) -> None:
        self.text = ""

    def grow(self, text: str, stable_length: int) -> bool:
        """Take what is stable of an interim; whether more is final now."""
        span = self.shown(text[:stable_length].rstrip())
        grown = len(span) > len(self.text)
        self.text = span if grown else self.text
        return grown

    def shown(self, text: str) -> str:
        """`text`, beginning with what is final already."""
        return text if text.startswith(self.text) else extended(self.text, text)


def extended(known: str, text: str) -> str:
    """`known`, and what `text` says after the place where `known` ends in it."""
    spaced = len(text) <= LONG_WORD * (text.count(" ") + 1) and " " in text
    before: Sequence[str] = known.split() if spaced else known
    now: Sequence[str] = text.split() if spaced else text
    place = _end_of(list(map(_bare, before)), list(map(_bare, now)))
    joint = " " if spaced else ""
    rest = joint.join(now[place:])
    return known + _ending(before[-1:], now[max(0, place - 1) : place]) + (joint + rest if rest else "")


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
