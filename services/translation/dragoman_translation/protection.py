"""Parts of a text that must come out as given, hidden from the engines behind placeholders. Pure, linear.

Of the forms that were tried these are lost least: neural models keep 98 of 100, Apertium all. Where one is
lost the other form is tried, and then the text is translated in pieces.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from dragoman_contract.errors import FaultCode, PeerError

MOST = 400  # in one text
MOST_PIECES = 100  # in which a text is translated, where made-up words are lost
GROWTH, ALLOWANCE = 8, 4000  # of what comes out: times the text, and characters
_LETTERS = "bdfgkmpx"
_STEMS = ("Zq", "Xq", "Vq", "Jq", "Wq", "Kq", "Gq", "Bq")
_NUMBERED = ("XQ-", "ZQ-", "VQ-", "JQ-")
FORMS = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """`text[start:end]` comes out as `out`; `adapts` = with a capital where it begins a sentence."""

    start: int
    end: int
    out: str
    adapts: bool = False


@dataclass(frozen=True, slots=True)
class Protected:
    """A text with placeholders, and what each of them stands for."""

    text: str
    kept: tuple[Kept, ...]
    stem: str
    capital: bool = False  # sentences begin with a capital

    def restore(self, translated: str) -> str | None:
        """Put the kept parts back in one pass; None when a placeholder was lost or doubled.

        Raises:
            PeerError: `TOO_LARGE`, when what comes out is out of proportion.
        """
        if not self.kept:
            return translated
        out: list[str] = []
        seen: set[int] = set()
        place = size = 0
        for found in _pattern(self.stem).finditer(translated):
            number = _number(found.group(1))
            if number in seen or number >= len(self.kept):
                return None
            seen.add(number)
            kept = self.kept[number].out
            if self.capital and self.kept[number].adapts and _begins(translated, found.start()):
                kept = capitalised(kept)
            out += [translated[place : found.start()], kept]
            place = found.end()
            size += len(kept) - (self.kept[number].end - self.kept[number].start)
            if size > GROWTH * len(translated) + ALLOWANCE:
                raise PeerError(FaultCode.TOO_LARGE, "the dictionary makes the text too long")
        if len(seen) < len(self.kept):
            return None
        return "".join([*out, translated[place:]])


def protect(text: str, kept: Iterable[Kept], form: int = 0) -> Protected | None:
    """Replace what is kept, which stands in order, by placeholders; None when the text has them all.

    Raises:
        PeerError: `TOO_LARGE`, when there is too much of it.
    """
    items = tuple(kept)
    if len(items) > MOST:
        raise PeerError(FaultCode.TOO_LARGE, "the text contains too many terms of the dictionary")
    if not items:
        return Protected(text, (), "")
    lower = text.lower()
    stem = next((stem for stem in (_STEMS, _NUMBERED)[form] if stem.lower() not in lower), None)
    if stem is None:
        return None
    out: list[str] = []
    place = 0
    for number, item in enumerate(items):
        out += [text[place : item.start], _placeholder(stem, number)]
        place = item.end
    first = next((c for c in text if c.isalpha()), "")
    return Protected("".join([*out, text[place:]]), items, stem, first.isupper())


def merged(found: Iterable[Kept]) -> list[Kept]:
    """In order and without overlaps: what begins first stays, of those the longest, of those the first."""
    out: list[Kept] = []
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        if not out or item.start >= out[-1].end:
            out.append(item)
    return out


def pieces(text: str, kept: Iterable[Kept]) -> list[tuple[str, bool]]:
    """The text cut at what is kept: (piece, whether it comes out as it stands here), spaces included.

    Raises:
        PeerError: `TOO_LARGE`, when there are too many.
    """
    out: list[tuple[str, bool]] = []
    place = 0
    for item in kept:
        out += [(text[place : item.start], False), (item.out, True)]
        place = item.end
    out = [piece for piece in [*out, (text[place:], False)] if piece[0]]
    if len(out) > MOST_PIECES:
        raise PeerError(FaultCode.TOO_LARGE, "the text contains too many terms of the dictionary")
    return out


def capitalised(word: str) -> str:
    """With a large first letter, unless its own capitals say how it is spelled: "iPhone"."""
    return word if any(map(str.isupper, word)) else word[:1].upper() + word[1:]


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins there."""
    before = text[max(0, at - 8) : at].rstrip(" \t\"'“‘«¿¡([")
    return not before or before[-1] in ".?!…\n"


def _placeholder(stem: str, number: int) -> str:
    if stem in _NUMBERED:
        return f"{stem}{number + 11}"
    digits = ""
    while True:
        number, digit = divmod(number, len(_LETTERS))
        digits += _LETTERS[digit]
        if number == 0:
            return stem + digits + "a"


def _number(digits: str) -> int:
    if digits.isdigit():
        return int(digits) - 11 if 11 <= int(digits) < 10**6 else MOST
    number = 0
    for letter in reversed(digits.lower()):
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return number


@cache
def _pattern(stem: str) -> re.Pattern[str]:
    if stem in _NUMBERED:
        return re.compile(rf"{stem[:2]}\s?-\s?(\d{{1,6}})(?!\d)", re.IGNORECASE)
    return re.compile(rf"{stem}([{_LETTERS}]{{1,6}})a", re.IGNORECASE)
