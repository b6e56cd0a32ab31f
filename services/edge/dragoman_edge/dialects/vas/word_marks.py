"""Places of words and punctuation in speech: every letter is in a word, the rest is punctuation. Pure.

Synthesisers mark what they pronounce: of "Qu'est-ce que" some letters are in no mark of theirs.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from dragoman_contract.events import Boundary

WORD, PUNCTUATION = "WordBoundary", "PunctuationBoundary"
SIGNS = re.compile(r"[^\w\s]+")
Mark = tuple[str, Boundary]


def marks(boundaries: Sequence[Boundary], text: str) -> list[Mark]:
    """The boundaries of `text` with their types, in its order.

    A boundary without text in it stays as it is.
    """
    words = _whole([one for one in boundaries if one.text_offset < len(text)], text)
    found: list[Mark] = []
    for index, word in enumerate(words):
        end = word.text_offset + word.text_length
        following = words[index + 1] if index + 1 < len(words) else None
        if not index:
            found += _signs(text, 0, word.text_offset, word.offset_ms, word.offset_ms)
        written = text[word.text_offset : end]
        spoken = not written or any(map(str.isalnum, written))
        found.append((WORD if spoken else PUNCTUATION, word))
        begin_ms = word.offset_ms + word.duration_ms
        until_ms = following.offset_ms if following else begin_ms
        found += _signs(text, end, following.text_offset if following else len(text), begin_ms, until_ms)
    return found


def _whole(boundaries: Sequence[Boundary], text: str) -> list[Boundary]:
    """Each with the letters beside it that are in no other: before it up to a space, and all behind it."""
    whole: list[Boundary] = []
    for word in sorted(boundaries, key=lambda one: (one.text_offset, one.offset_ms)):
        start, end = word.text_offset, word.text_offset + word.text_length
        begin = whole[-1].text_offset + whole[-1].text_length if whole else 0
        spaces = [at for at in range(begin, start) if text[at].isspace()]
        if whole:
            begin = spaces[-1] if spaces else start
            whole[-1] = _longer(whole[-1], text, begin)
        start = min((at for at in range(begin, start) if text[at].isalnum()), default=start)
        whole.append(replace(word, text_offset=start, text_length=end - start))
    return [*whole[:-1], *(_longer(one, text, len(text)) for one in whole[-1:])]


def _longer(word: Boundary, text: str, limit: int) -> Boundary:
    """With the letters up to `limit`; a sign of its own stays as it is."""
    start, end = word.text_offset, word.text_offset + word.text_length
    if word.text_length and not any(map(str.isalnum, text[start:end])):
        return word
    end = max((at + 1 for at in range(end, limit) if text[at].isalnum()), default=end)
    return replace(word, text_length=end - start)


def _signs(text: str, start: int, end: int, begin_ms: int, until_ms: int) -> list[Mark]:
    """Punctuation between two words; the first has the pause."""
    made: list[Mark] = []
    for found in SIGNS.finditer(text, start, max(start, end)):
        pause_ms = 0 if made else max(0, until_ms - begin_ms)
        mark = Boundary(
            offset_ms=begin_ms,
            duration_ms=pause_ms,
            text_offset=found.start(),
            text_length=found.end() - found.start(),
        )
        made.append((PUNCTUATION, mark))
    return made
