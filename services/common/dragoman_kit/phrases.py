"""Phrases found in a text, whole words only, the longest first, in one pass. Pure.

The time grows with the text alone, not with the number of phrases: no pattern is made of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_TOKENS = 32  # of a phrase; a longer one is not looked for
MOST_ALIKE = 16  # phrases with the same keys
# Scripts without spaces between words: each character is a token. Vowel signs belong to the word before them.
_UNSPACED = (
    "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u200c\u200d"
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[\w{_MARKS}])+|[^\w\s]")
_HYPHENS = "-\u2010\u2011"


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign: its place in the text, and whether a hyphen ties it to its neighbours."""

    text: str
    start: int
    end: int
    tied_before: bool = False
    tied_after: bool = False


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A phrase in a text: `text[start:end]`."""

    start: int
    end: int
    value: T


@dataclass(slots=True)
class _Node(Generic[T]):
    after: dict[str, "_Node[T]"] = field(default_factory=dict)
    ends: list[tuple[tuple[str, ...], T]] = field(default_factory=list)


def tokens(text: str) -> list[Token]:
    """Words and signs; a hyphen within a word is none of them, but ties its two halves."""
    out: list[Token] = []
    tied = False
    for match in _TOKEN.finditer(text):
        word, start, end = match.group(), match.start(), match.end()
        if word in _HYPHENS and _inside(text, start, end):
            tied = bool(out)
            if tied:
                last = out.pop()
                out.append(Token(last.text, last.start, last.end, last.tied_before, True))
            continue
        out.append(Token(word, start, end, tied))
        tied = False
    return out


def _inside(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()


class Phrases(Generic[T]):
    """Values by phrase, for many phrases, found in a text in linear time.

    Args:
        entries: phrases and their values; of two that are the same the first counts.
        key: words with the same key may be the same word.
        same: whether the word of a phrase (first) and the word of a text, which have the same key, are.
    """

    def __init__(
        self,
        entries: Iterable[tuple[str, T]],
        key: Callable[[str], str] = str.casefold,
        same: Callable[[str, str], bool] = lambda phrase, text: True,
    ) -> None:
        self._key, self._same = key, same
        self._root: _Node[T] = _Node()
        for phrase, value in entries:
            self._add(tuple(token.text for token in tokens(phrase)), value)

    def _add(self, words: tuple[str, ...], value: T) -> None:
        if not 0 < len(words) <= MOST_TOKENS:
            return
        node = self._root
        for word in words:
            node = node.after.setdefault(self._key(word), _Node())
        if len(node.ends) < MOST_ALIKE:
            node.ends.append((words, value))

    def __bool__(self) -> bool:
        return bool(self._root.after)

    def find(self, text: str) -> Iterator[Found[T]]:
        """Every phrase from left to right; none overlaps another. Part of a word tied by a hyphen is none."""
        return self.among(tokens(text)) if self else iter(())

    def among(self, words: Sequence[Token]) -> Iterator[Found[T]]:
        """Find phrases in a text that is already cut into tokens."""
        if not self:
            return
        keys = [self._key(word.text) for word in words]
        place = 0
        while place < len(words):
            count, value = self._longest(words, keys, place)
            if value:
                yield Found(words[place].start, words[place + count - 1].end, value[0])
            place += count or 1

    def _longest(self, words: Sequence[Token], keys: Sequence[str], place: int) -> tuple[int, list[T]]:
        """How many words, and the value as a list of one; 0 and none where no phrase begins."""
        best: tuple[int, list[T]] = (0, [])
        if words[place].tied_before:
            return best
        node = self._root
        for count, key in enumerate(keys[place : place + MOST_TOKENS], 1):
            following = node.after.get(key)
            if following is None:
                break
            node = following
            if node.ends and not words[place + count - 1].tied_after:
                value = self._among(node, words[place : place + count])
                best = (count, value) if value else best
        return best

    def _among(self, node: _Node[T], words: Sequence[Token]) -> list[T]:
        """The phrase that is spelled as the text is, or else the first that may be meant."""
        said = tuple(word.text for word in words)
        likely = [end for end in node.ends if all(map(self._same, end[0], said))]
        likely.sort(key=lambda end: end[0] != said)
        return [value for _, value in likely[:1]]


def replaced(text: str, found: Iterable[Found[str]]) -> str:
    """The text with each value in its phrase's place."""
    out, place = [], 0
    for item in found:
        out += [text[place : item.start], item.value]
        place = item.end
    return "".join([*out, text[place:]])
