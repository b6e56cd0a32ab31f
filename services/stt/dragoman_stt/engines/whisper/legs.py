"""Parts of a window that single decodes heard. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dragoman_stt.engines import plausible
from dragoman_stt.engines.base import HeardWord, Spans
from dragoman_stt.engines.whisper.model import Encoded

SECONDS_PER_TIMESTAMP = 0.02


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens between two times in s of a window; no end = the decode did not come to it."""

    start: float
    end: float | None
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """Text of one decode from second `place` of the window to second `end`."""

    place: float
    end: float
    segments: tuple[Segment, ...]
    text: str
    logprob: float
    cut: bool  # at the limit of tokens
    silent: bool  # the model itself says that nobody speaks
    encoded: Encoded
    words: tuple[HeardWord, ...] = ()  # of a final

    @property
    def count(self) -> int:
        """Tokens of text."""
        return sum(len(segment.tokens) for segment in self.segments)

    def covers(self) -> list[tuple[int, int]]:
        """Spans in ms of the window: of its words where they are known, else of its segments."""
        if self.words:
            return [plausible.covered(word) for word in self.words]
        ends = [(s.start, s.end if s.end is not None else self.end - self.place) for s in self.segments]
        return [(int((self.place + a) * 1000), int((self.place + b) * 1000)) for a, b in ends]

    def hole_ms(self, speech: Spans) -> int:
        """The least hole in speech in which words are missed."""
        return plausible.hole_ms(len(self.words), plausible.total_s(speech))

    def stopped_early(self, speech: Spans) -> bool:
        """Whether there is speech behind its last segment."""
        end = int(self.end * 1000)
        return (
            bool(self.segments)
            and end > self.place * 1000
            and plausible.uncovered_ms(speech, [(0, end)], self.hole_ms(speech)) > 0
        )


def filled(legs: Sequence[Leg], filler: Leg) -> tuple[Leg, ...]:
    """Put what a hole holds between the words before it and those behind it."""
    parts: list[Leg] = []
    for leg in legs:
        count = sum(word.start_ms < filler.place * 1000 for word in leg.words)
        if leg.place > filler.place or not leg.words or count == len(leg.words):
            parts.append(leg)
            continue
        if not count:
            parts.append(replace(leg, place=filler.end))
            continue
        before, after = leg.words[:count], leg.words[count:]
        parts += [
            replace(leg, end=filler.place, text=_text(before), words=before),
            replace(leg, place=filler.end, segments=(), text=_text(after), words=after),
        ]
    return tuple(sorted((*parts, filler), key=lambda leg: leg.place))


def _text(words: Sequence[HeardWord]) -> str:
    return "".join(word.text for word in words)


def segments_of(tokens: Sequence[int], first_time: int, end: int) -> tuple[Segment, ...]:
    """Return the pieces of a decode with times; tokens from `first_time` on are times."""
    found: list[Segment] = []
    start, text = 0.0, []
    for token in tokens:
        if token < end:
            text.append(token)
        elif token >= first_time:
            at = (token - first_time) * SECONDS_PER_TIMESTAMP
            if text:
                found.append(Segment(start, at, tuple(text)))
            start, text = at, []
    if text:
        found.append(Segment(start, None, tuple(text)))
    return tuple(found)
