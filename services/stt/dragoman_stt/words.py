"""Words of hypotheses: on which two agree, and between which an utterance may be cut. Pure."""

from dataclasses import replace
from statistics import geometric_mean

from dragoman_stt.engines.base import HeardWord, Hypothesis

EARLIEST = 0.6  # share of the window before which it is not cut
SENTENCE, CLAUSE = ".?!。？！", ",;:、，；："
SENTENCE_MS, CLAUSE_MS = 600, 200  # what punctuation is worth beside silence


def agreed(previous: str, current: str) -> int:
    """Characters of `current` up to the last word on which two hypotheses agree (local agreement)."""
    words, before = current.split(" "), previous.split(" ")
    same = 0
    for word, other in zip(words, before, strict=False):
        if bare(word) != bare(other):
            break
        same += 1
    return len(" ".join(words[:same]))


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
