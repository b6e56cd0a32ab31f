"""Words of hypotheses: on which two agree, and between which an utterance may be cut. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import geometric_mean

from dragoman_stt.engines.base import HeardWord, Hypothesis

EARLIEST = 0.6  # share of the window before which it is not cut
SENTENCE, CLAUSE = ".?!。？！", ",;:、，；："
BEHIND = 2  # words that must follow where a final ends while the speaker goes on
SENTENCE_AFTER_MS, CLAUSE_AFTER_MS, ANY_AFTER_MS = 1_500, 6_000, 10_000  # of the window
SENTENCE_MS, CLAUSE_MS = 600, 200  # what punctuation is worth beside silence


def agreed(previous: str, current: str) -> int:
    """Characters of `current` up to the last word on which two hypotheses agree (local agreement)."""
    words = current.split(" ")
    return len(" ".join(words[: _same(words, previous.split(" "))]))


def _same(words: Sequence[str], others: Sequence[str]) -> int:
    """Words that two hypotheses have in common at their beginning."""
    pairs = zip(words, others, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if bare(a) != bare(b)), min(len(words), len(others)))


def emptier(text: str, agreed_text: str) -> bool:
    """Whether a final has less than half of the words on which interims agreed."""
    return 2 * len(text.split()) < len(agreed_text.split())


def bare(word: str) -> str:
    """A word without case and punctuation."""
    return "".join(c for c in word.lower() if c.isalnum())


def best_gap(heard: Hypothesis, length_ms: int) -> tuple[int, int] | None:
    """(words before it, its middle in ms): the best place to cut a window; None when there is none.

    The last word is not trusted: the window may end in the middle of it.
    """
    best: tuple[int, int] | None = None
    value = -1.0
    for place in range(1, len(heard.words) - 1):
        before, after = heard.words[place - 1], heard.words[place]
        middle = (before.end_ms + after.start_ms) // 2
        if middle < EARLIEST * length_ms or middle >= length_ms:
            continue
        worth = max(0, after.start_ms - before.end_ms) + _punctuation(before.text) + middle / length_ms
        if worth > value:
            best, value = (place, middle), worth
    return best


def concluded(words: Sequence[str], same: int, length_ms: int) -> int | None:
    """Words up to the last end of a sentence within the first `same`, on which two hypotheses agree; of a
    clause in a long window. None when there is none; the last words of a window are not trusted.
    """
    marks = SENTENCE + (CLAUSE if length_ms >= CLAUSE_AFTER_MS else "")
    for place in range(min(same, len(words) - BEHIND), 0, -1):
        word = words[place - 1].rstrip()
        if word.endswith(tuple(marks)) and not word.endswith("..."):
            return place
    return None


def ripe(text: str, agreed_text: str, length_ms: int) -> bool:
    """Whether a part of what is being said may be a final."""
    words, same = text.split(), len(agreed_text.split())
    if length_ms >= ANY_AFTER_MS and min(same, len(words) - BEHIND) > 0:
        return True
    return length_ms >= SENTENCE_AFTER_MS and concluded(words, same, length_ms) is not None


def seam(heard: Hypothesis, agreed_text: str, length_ms: int) -> int | None:
    """Words before the place where a final may end while the speaker goes on."""
    words = [word.text for word in heard.words]
    same = _same(words, agreed_text.split())
    place = concluded(words, same, length_ms)
    if place is not None or length_ms < ANY_AFTER_MS:
        return place
    places = range(1, min(same, len(words) - BEHIND) + 1)
    gaps = {n: heard.words[n].start_ms - heard.words[n - 1].end_ms for n in places}
    return max(gaps, key=lambda n: (gaps[n], n), default=None)


def ends_sentence(text: str) -> bool:
    """Whether a text ends with the punctuation of a sentence."""
    return text.rstrip().endswith(tuple(SENTENCE)) and not text.rstrip().endswith("...")


def _punctuation(word: str) -> int:
    if ends_sentence(word):
        return SENTENCE_MS
    return CLAUSE_MS if word.rstrip().endswith(tuple(CLAUSE)) else 0


def until(heard: Hypothesis, count: int) -> Hypothesis:
    """The first words only."""
    words = heard.words[:count]
    text = "".join(word.text for word in words).strip()
    return replace(heard, words=words, text=text, confidence=confidence(words), english="")


def confidence(words: tuple[HeardWord, ...]) -> float:
    """Of a part of what was heard, 0..1: the geometric mean, as that of a whole is of its tokens."""
    return geometric_mean(max(1e-6, word.probability) for word in words) if words else 0.0
