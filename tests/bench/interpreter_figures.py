"""How soon translated words are shown, and how much of what was shown is taken back. Pure."""

import difflib
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GLIMPSE_S = 0.1


@dataclass(frozen=True, slots=True)
class SourceWord:
    """A word of an offline decode; `start` and `end` in seconds of the audio."""

    text: str
    end: float
    start: float = 0.0


@dataclass(slots=True)
class Shown:
    """One utterance as a client saw it: (seconds of the audio, text) of each update, the final last."""

    utterance: int
    source: str = ""
    updates: list[tuple[float, str]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """Of the final text."""
        return self.updates[-1][1].split() if self.updates else []


@dataclass(frozen=True, slots=True)
class WordLag:
    """Seconds from the end of a source word, `said`, to its translated word: first shown, and for good."""

    first: float
    good: float
    said: float


@dataclass(frozen=True, slots=True)
class Screen:
    """All words that a client sees from a second of the audio on, utterance after utterance."""

    at: float
    words: list[str]


def screens(shown: Iterable[Shown]) -> list[Screen]:
    """What was on a client's screen; states of less than `GLIMPSE_S` nobody sees."""
    updates = sorted((at, one.utterance, text) for one in shown for at, text in one.updates)
    texts: dict[int, list[str]] = {}
    found: list[Screen] = []
    for place, (at, utterance, text) in enumerate(updates):
        texts[utterance] = text.split()
        if place + 1 == len(updates) or updates[place + 1][0] - at >= GLIMPSE_S:
            found.append(Screen(at, [word for number in sorted(texts) for word in texts[number]]))
    return found


def erasure(shown: Iterable[Shown]) -> float:
    """Words taken back for each word of the final text (normalised erasure, Arivazhagan et al. 2020, §4).

    Nothing is taken back where the last word gets a comma, which is a token of its own there.
    """
    seen = screens(shown)
    taken = sum(_taken(one.words, two.words) for one, two in pairwise(seen))
    return taken / max(1, len(seen[-1].words) if seen else 0)


def _taken(before: Sequence[str], now: Sequence[str]) -> int:
    same = _common(before, now)
    last = same == len(before) - 1 and same < len(now) and now[same].startswith(before[same])
    with_comma = last and not any(map(str.isalnum, now[same][len(before[same]) :]))
    return len(before) - same - with_comma


def updates(shown: Iterable[Shown], seconds: float) -> float:
    """Words that changed or were added, a second."""
    changed = 0
    for one, two in pairwise([Screen(0.0, []), *screens(shown)]):
        changed += len(one.words) + len(two.words) - 2 * _common(one.words, two.words)
    return changed / max(1e-9, seconds)


def lags(shown: Sequence[Shown], offline: Sequence[SourceWord]) -> list[WordLag]:
    """Of every word of the final translations; a word is for good once it, and all before it, stay.

    The words of an utterance are laid over its source words in order and in proportion: the word at 40 % of
    the translation stands for the one at 40 % of what was said. Source words get their times from an offline
    decode, aligned with what was recognised.
    """
    said = _said(shown, offline)
    times = word_times(shown)
    return [WordLag(first - end, good - end, end) for (first, good), end in zip(times, said, strict=True)]


def word_times(shown: Sequence[Shown]) -> list[tuple[float, float]]:
    """When each word of the final text was first shown as any word of its place, and when for good."""
    seen = screens(shown)
    final = seen[-1].words if seen else []
    first = [next(one.at for one in seen if len(one.words) > place) for place in range(len(final))]
    good = [seen[-1].at] * len(final) if seen else []
    kept = len(final)
    for one in reversed(seen):
        kept = min(kept, _common(one.words, final))
        good[:kept] = [one.at] * kept
    return list(zip(first, good, strict=True))


def _said(shown: Sequence[Shown], offline: Sequence[SourceWord]) -> list[float]:
    """For each word of the final text when its source word had been said."""
    ends = _ends([word for one in shown for word in one.source.split()], offline)
    found: list[float] = []
    place = 0
    for one in shown:
        count, words = len(one.source.split()), len(one.words)
        mine = ends[place : place + count] or [ends[place - 1] if ends else 0.0]
        place += count
        found += [mine[min(len(mine) - 1, max(0, (n + 1) * len(mine) // words - 1))] for n in range(words)]
    return found


def first_lags(shown: Sequence[Shown], offline: Sequence[SourceWord]) -> list[float]:
    """Seconds from the end of each utterance's first word to the first translated word in its place.

    It may have been shown as the end of the utterance before, of which the recogniser parted it.
    """
    ends = _ends([word for one in shown for word in one.source.split()], offline)
    times = word_times(shown)
    found, said, place = [], 0, 0
    for one in shown:
        if one.words and one.source:
            found.append(times[place][0] - ends[said])
        said += len(one.source.split())
        place += len(one.words)
    return found


def _ends(words: Sequence[str], offline: Sequence[SourceWord]) -> list[float]:
    """The end of each recognised word; one that the offline decode does not have gets its neighbour's."""
    match = difflib.SequenceMatcher(
        None, [_bare(w) for w in words], [_bare(w.text) for w in offline], autojunk=False
    )
    ends: list[float | None] = [None] * len(words)
    for block in match.get_matching_blocks():
        for step in range(block.size):
            ends[block.a + step] = offline[block.b + step].end
    known = [(n, end) for n, end in enumerate(ends) if end is not None]
    if not known:
        return [0.0] * len(words)
    return [_between(n, known) for n in range(len(words))]


def _between(number: int, known: Sequence[tuple[int, float]]) -> float:
    before = [(n, end) for n, end in known if n <= number]
    after = [(n, end) for n, end in known if n >= number]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (left, start), (right, end) = before[-1], after[0]
    return start if right == left else start + (end - start) * (number - left) / (right - left)


def _bare(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum())


def _common(before: Sequence[str], now: Sequence[str]) -> int:
    pairs = zip(before, now, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(before), len(now)))


def behind(chunks: Iterable[tuple[int, float, float]], ends: dict[int, float]) -> list[tuple[float, float]]:
    """(second of the audio, seconds behind) at the end of each spoken utterance.

    Args:
        chunks: utterance, when it came (s of the audio), its length (s); played one after another.
        ends: by utterance, when its speaker had said it.
    """
    played, finished = 0.0, {}
    for utterance, at, length in chunks:
        played = max(played, at) + length
        finished[utterance] = played
    return [(ends[u], done - ends[u]) for u, done in finished.items() if u in ends]


def later(late: Sequence[tuple[float, float]], again_s: float, since_s: float) -> float | None:
    """Seconds that speech from `since_s` on is further behind than when the same words were said first.

    Args:
        late: what `behind` found in audio that begins again every `again_s`.
    """
    first = [one for one in late if one[0] < again_s]
    if not first:
        return None
    more = [
        lag - min(first, key=lambda one: abs(one[0] - at % again_s))[1] for at, lag in late if at >= since_s
    ]
    return sum(more) / len(more) if more else None


def share(values: Sequence[float], part: float) -> float | None:
    """The value below which that part of them lies; None when there is none."""
    if not values:
        return None
    return (
        statistics.quantiles(values, n=100, method="inclusive")[round(part * 100) - 1]
        if len(values) > 1
        else values[0]
    )
