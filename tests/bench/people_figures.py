"""What a client saw of what people said: words that are missing, captions that stand still, pauses. Pure.

Times are seconds of the audio. Words are compared without case and punctuation; a word that was heard
differently has a counterpart, a missing one has none.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.peers.heard import Final, Heard

Span = tuple[float, float]
HAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")  # scripts without spaces: a character is a word
ENDS = ".?!。？！…"
QUOTES = "\"'”’»)]"
SHORTEST_S, LONGEST_S = 0.4, 1.2  # of the pauses in which nobody should be cut short
NEAR_S = 0.35  # so far from a pause a final may end that ends there


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an offline decode, with its punctuation and the space before it, if any."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text beside another: places of the reference without a counterpart, and all that differs."""

    words: int
    missing: tuple[int, ...]
    wrong: int

    @property
    def run(self) -> int:
        """Return the length of the longest row of missing words."""
        longest = length = 0
        for before, place in zip((-2, *self.missing), self.missing, strict=False):
            length = length + 1 if place == before + 1 else 1
            longest = max(longest, length)
        return longest


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence after speech; `over` = a sentence ends there."""

    start: float
    end: float
    over: bool


def words(text: str) -> list[str]:
    """The words of a text, comparable."""
    spaced = HAN.sub(lambda found: f" {found.group()} ", unicodedata.normalize("NFKC", text).lower())
    bare = (
        "".join(c for c in word if c.isalnum() or unicodedata.category(c)[0] == "M")
        for word in spaced.split()
    )
    return [word for word in bare if word]


def compare(reference: Sequence[str], heard: Sequence[str]) -> Comparison:
    """The cheapest way from one list of words to the other."""
    pairs = aligned(reference, heard)
    missing = tuple(here for here, there in pairs if here is not None and there is None)
    same = sum(
        here is not None and there is not None and reference[here] == heard[there] for here, there in pairs
    )
    return Comparison(len(reference), missing, len(pairs) - same)


def aligned(reference: Sequence[str], heard: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Places of both lists that belong together, in order; None where one has no counterpart."""
    costs = [list(range(len(heard) + 1))]
    for number, word in enumerate(reference, 1):
        above, row = costs[-1], [number]
        for place, other in enumerate(heard, 1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (word != other)))
        costs.append(row)
    return _back(costs, reference, heard)


def _back(
    costs: list[list[int]], reference: Sequence[str], heard: Sequence[str]
) -> list[tuple[int | None, int | None]]:
    pairs: list[tuple[int | None, int | None]] = []
    i, j = len(reference), len(heard)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (reference[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def pauses(spans: Sequence[Span], offline: Sequence[Word], transcript: str) -> list[Pause]:
    """Silences behind each span of speech; the transcript, if any, says where sentences end."""
    ends = sentence_ends(offline, transcript)
    starts = [start for start, _ in spans[1:]] + [float("inf")]
    return [
        Pause(end, start, _over(end, offline, ends)) for (_, end), start in zip(spans, starts, strict=True)
    ]


def sentence_ends(offline: Sequence[Word], transcript: str) -> list[bool]:
    """Whether each word of an offline decode ends a sentence."""
    if not transcript:
        return [_ends(word.text) for word in offline]
    tokens = [token for token in transcript.split() if words(token)]
    heard = [" ".join(words(word.text)) for word in offline]
    ends = [False] * len(offline)
    for there, here in aligned([" ".join(words(token)) for token in tokens], heard):
        if there is not None and here is not None:
            ends[here] = _ends(tokens[there])
    if ends:
        ends[-1] = True
    return ends


def _ends(token: str) -> bool:
    return token.strip().rstrip(QUOTES)[-1:] in tuple(ENDS)


def _over(end: float, offline: Sequence[Word], ends: Sequence[bool]) -> bool:
    """Whether the last word that was begun before a pause ends a sentence."""
    said = [place for place, word in enumerate(offline) if (word.start + word.end) / 2 < end]
    return bool(said) and ends[said[-1]]


def cut_short(found: Iterable[Pause], finals: Sequence[Final]) -> tuple[int, int]:
    """Pauses of 0.4 to 1.2 s within a sentence: how many of them end a final, and how many there are."""
    within = [p for p in found if not p.over and SHORTEST_S <= p.end - p.start <= LONGEST_S]
    return sum(_ended(pause, finals) is not None for pause in within), len(within)


def stopped(found: Iterable[Pause], stops: Sequence[float]) -> tuple[int, int]:
    """Pauses of 0.4 to 1.2 s within a sentence: how many are taken for its end, and how many there are.

    The end of a clause may be a final there while the speaker goes on: that is no endpoint.
    """
    within = [p for p in found if not p.over and SHORTEST_S <= p.end - p.start <= LONGEST_S]
    return sum(any(_near(pause, stop) for stop in stops) for pause in within), len(within)


def after_stops(finals: Iterable[Final], stops: Sequence[float]) -> list[float]:
    """Seconds from the end of speech until its final came, of finals that end at an endpoint."""
    last = [f for f in finals if any(abs(f.end - stop) <= NEAR_S for stop in stops)]
    return [max(0.0, final.at - final.end) for final in last]


def joined(found: Iterable[Pause], finals: Sequence[Final]) -> tuple[int, int]:
    """Ends of sentences with a pause behind them: how many no final ends at, and how many there are."""
    over = [p for p in found if p.over and p.end - p.start >= SHORTEST_S]
    return sum(_ended(pause, finals) is None for pause in over), len(over)


def waits(found: Iterable[Pause], finals: Sequence[Final]) -> list[float]:
    """Seconds from the end of each sentence with a pause behind it until its final came."""
    over = [pause for pause in found if pause.over and pause.end - pause.start >= SHORTEST_S]
    ended = [(pause, _ended(pause, finals)) for pause in over]
    return [max(0.0, final.at - pause.start) for pause, final in ended if final is not None]


def _ended(pause: Pause, finals: Sequence[Final]) -> Final | None:
    near = [final for final in finals if _near(pause, final.end)]
    return near[-1] if near else None


def _near(pause: Pause, place: float) -> bool:
    return pause.start - NEAR_S <= place <= min(pause.end, pause.start + 2 * NEAR_S)


def standstill(heard: Heard, spans: Iterable[Span]) -> float:
    """The longest time in which somebody spoke and nothing that is shown changed."""
    times = changes(heard)
    longest = 0.0
    for start, end in spans:
        moments = [start, *(at for at in times if start < at < end), end]
        longest = max(longest, *(after - before for before, after in pairwise(moments)))
    return longest


def changes(heard: Heard) -> list[float]:
    """When something else was shown, or what is shown was settled."""
    times, last = [], ("", "")
    for at, settled, shown in heard.moments:
        if (settled, shown) != last:
            times.append(at)
        last = settled, shown
    return times


def first_texts(heard: Heard, found: Sequence[Pause], spans: Sequence[Span]) -> list[float]:
    """Seconds from each beginning of speech after a pause until something new was shown."""
    begins = [spans[0][0]] if spans else []
    begins += [pause.end for pause in found[:-1] if pause.end - pause.start >= SHORTEST_S]
    times = changes(heard)
    later = [next((at for at in times if at > begin), None) for begin in begins]
    return [at - begin for begin, at in zip(begins, later, strict=True) if at is not None]
