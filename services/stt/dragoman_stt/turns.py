"""Verdicts on a pause, by the judgement whether the speaker has finished. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Meaning of a pause."""

    OVER = "over"  # ends the utterance as soon as its text is a whole sentence
    OPEN = "open"  # the usual silence ends it
    GOES_ON = "goes_on"  # only a long silence ends it


@dataclass(frozen=True, slots=True)
class TurnRule:
    """Thresholds of a judge.

    Args:
        ask_ms: silence after which the judge is asked.
        sure: probability from which on the speaker has finished.
        unsure: probability below which the speaker goes on; between them the usual silence counts.
        wait_ms: silence that ends the utterance of a speaker who seems to go on.
    """

    ask_ms: int = 160
    sure: float = 0.9
    unsure: float = 0.3
    wait_ms: int = 1_300

    def verdict(self, finished: float) -> Verdict:
        """Judge a probability; what is none leaves the pause open."""
        if not 0 <= finished <= 1:
            return Verdict.OPEN
        if finished >= self.sure:
            return Verdict.OVER
        return Verdict.GOES_ON if finished < self.unsure else Verdict.OPEN
