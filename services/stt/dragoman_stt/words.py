"""Words of hypotheses: on which two agree, and between which an utterance may be cut. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from math import isfinite
from statistics import geometric_mean

from dragoman_stt.engines.base import HeardWord, Hypothesis, Spans

EARLIEST = 0.6  # share of the window before which it is not cut
SENTENCE, CLAUSE = ".?!。？！।॥؟۔", ",;:、，；：،"
IN_A_ROW = 3  # words that two hypotheses must share before a seam
BEHIND, BEHIND_MS = 2, 500  # words, and time, that must follow where a final ends while the speaker goes on
SENTENCE_AFTER_MS = 1_500  # of a window
CLAUSE_AFTER_MS, PAUSE_AFTER_MS, ANY_AFTER_MS = 3_000, 4_000, 6_000  # of voice in a window
LEAST_SENTENCE_MS, LEAST_MS = 800, 2_000  # of a final that ends with a sentence, and of another one
SENTENCE_MS, CLAUSE_MS = 600, 200  # what punctuation is worth beside silence
SETTLED_MS = 1_500  # from the end of a window
LONGEST_WORD_MS = 1_000  # the first word of a window takes the silence before it
PAUSE_MS = 180  # silence between two words that parts clauses as a comma does
# Letters of scripts that put no space between words: each is a unit of its own.
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNIT = re.compile(rf"\s*(?:[{_DENSE}](?:(?![{_DENSE}\s])\W)*|[^\s{_DENSE}]+)|\s+\Z")


def units(text: str) -> list[str]:
    """Words, and letters of scripts without spaces, each with the space before it; joined: the text."""
    return _UNIT.findall(text)


def agreed(previous: str, current: str) -> int:
    """Characters of `current` up to the last word on which two hypotheses agree (local agreement)."""
    now = units(current)
    return len("".join(now[: _same(now, units(previous))]))


def confirmed(previous: str, current: str) -> int:
    """Characters of `current` up to the last words that another hypothesis has in a row, too.

    What lies before may differ: a seam behind these words parts both hypotheses at the same place.
    """
    now, then = units(current), units(previous)
    matcher = SequenceMatcher(None, [bare(u) for u in now], [bare(u) for u in then], autojunk=False)
    ends = [block.a + block.size for block in matcher.get_matching_blocks() if block.size >= IN_A_ROW]
    return len("".join(now[: max([_same(now, then), *ends])]))


def settled(heard: Hypothesis, length_ms: int) -> int:
    """Characters so far from the end of a window that more audio will hardly change them."""
    far = [word for word in heard.words if word.end_ms <= length_ms - SETTLED_MS]
    return len("".join(word.text for word in far).lstrip())


def _same(words: Sequence[str], others: Sequence[str]) -> int:
    """Words that two hypotheses have in common at their beginning."""
    pairs = zip(words, others, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if bare(a) != bare(b)), min(len(words), len(others)))


def emptier(text: str, agreed_text: str) -> bool:
    """Whether a final has less than half of the words on which interims agreed."""
    return 2 * len(units(text)) < len(units(agreed_text))


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


def seam(
    heard: Hypothesis, agreed_length: int, length_ms: int, speech: Spans = (), clauses: bool = True
) -> int | None:
    """Words before the place where a final may end while the speaker goes on; None when there is none.

    It lies within the first `agreed_length` characters, which two hypotheses confirm: at the end of a
    sentence, of a clause or at a pause in a long window, at the best gap in a longer one. The last words of
    a window are not trusted. Voice alone counts for how long a window is: halting speech is not cut sooner.
    Without `clauses` only the end of a sentence will do.
    """
    if length_ms < SENTENCE_AFTER_MS:
        return None
    most = _trusted(heard, agreed_length, length_ms)
    for place in range(most, 0, -1):
        if ends_sentence(heard.words[place - 1].text) and _length(heard, place) >= LEAST_SENTENCE_MS:
            return place
    if not clauses:
        return None
    voiced_ms = _voice_ms(length_ms, speech)
    least = next((n for n in range(IN_A_ROW, most + 1) if _length(heard, n) >= LEAST_MS), most + 1)
    if voiced_ms >= CLAUSE_AFTER_MS:
        for place in range(most, least - 1, -1):
            silent = voiced_ms >= PAUSE_AFTER_MS and _silent(heard, place, speech)
            if heard.words[place - 1].text.rstrip().endswith(tuple(CLAUSE)) or silent:
                return place
    if voiced_ms < ANY_AFTER_MS:
        return None
    gaps = {n: heard.words[n].start_ms - heard.words[n - 1].end_ms for n in range(least, most + 1)}
    return max(gaps, key=lambda n: (gaps[n], n), default=None)


def _voice_ms(length_ms: int, speech: Spans) -> int:
    """Voice in a window, in ms; all of it where nothing is known of its voice."""
    return min(length_ms, sum(end - start for start, end in speech)) if speech else length_ms


def _trusted(heard: Hypothesis, agreed_length: int, length_ms: int) -> int:
    """Words on which two hypotheses agree, without those at the end of the window."""
    most = min(counted(heard.words, agreed_length), len(heard.words) - BEHIND)
    late = (n for n, word in enumerate(heard.words) if word.end_ms > length_ms - BEHIND_MS)
    return max(0, min(most, next(late, most)))


def counted(words: Sequence[HeardWord], length: int) -> int:
    """Words that lie within the first characters of their text."""
    ends = accumulate(len(word.text) for word in words)
    blank = len(words[0].text) - len(words[0].text.lstrip()) if words else 0
    return sum(end - blank <= length for end in ends)


def _length(heard: Hypothesis, count: int) -> int:
    """Of the first words, in ms."""
    first = heard.words[0]
    return heard.words[count - 1].end_ms - max(first.start_ms, first.end_ms - LONGEST_WORD_MS)


def _silent(heard: Hypothesis, place: int, speech: Spans) -> bool:
    """Whether voice activity heard a pause behind so many words; times of words are not exact."""
    before, after = heard.words[place - 1], heard.words[place]
    first, last = (before.start_ms + before.end_ms) // 2, (after.start_ms + after.end_ms) // 2
    return any(
        start - end >= PAUSE_MS and first <= (start + end) // 2 < last
        for (_, end), (start, _) in pairwise(speech)
    )


def ends_sentence(text: str) -> bool:
    """Whether a text ends with the punctuation of a sentence."""
    return text.rstrip().endswith(tuple(SENTENCE)) and not text.rstrip().endswith("...")


def complete(text: str) -> bool:
    """Whether a text may be all that is said: it ends as a sentence does, or is one word, as an answer is."""
    open_ended = text.rstrip().endswith(("...", *CLAUSE))
    return ends_sentence(text) or (len(text.split()) == 1 and not open_ended)


def _punctuation(word: str) -> int:
    if ends_sentence(word):
        return SENTENCE_MS
    return CLAUSE_MS if word.rstrip().endswith(tuple(CLAUSE)) else 0


def checked(heard: Hypothesis, length_ms: int) -> Hypothesis:
    """Return an engine's hypothesis with rising times inside the window and finite numbers."""
    place, words = 0, []
    for word in heard.words:
        place = max(place, min(word.start_ms, length_ms))
        end = max(place, min(word.end_ms, length_ms))
        words.append(replace(word, start_ms=place, end_ms=end, probability=_share(word.probability)))
    probability = _share(heard.language_probability)
    return replace(
        heard, words=tuple(words), confidence=_share(heard.confidence), language_probability=probability
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if isfinite(value) else 0.0


def until(heard: Hypothesis, count: int) -> Hypothesis:
    """The first words only."""
    words = heard.words[:count]
    text = "".join(word.text for word in words).strip()
    return replace(heard, words=words, text=text, confidence=confidence(words), english="")


def behind(heard: Hypothesis, count: int, from_ms: int) -> Hypothesis:
    """Without the first words; times count from a later place of the window."""
    words = tuple(
        replace(word, start_ms=max(0, word.start_ms - from_ms), end_ms=max(0, word.end_ms - from_ms))
        for word in heard.words[count:]
    )
    text = "".join(word.text for word in words).strip()
    return replace(heard, words=words, text=text, confidence=confidence(words), english="")


def confidence(words: tuple[HeardWord, ...]) -> float:
    """Return the confidence of a part of a hypothesis, 0..1: the geometric mean of its words'."""
    return geometric_mean(max(1e-6, word.probability) for word in words) if words else 0.0
