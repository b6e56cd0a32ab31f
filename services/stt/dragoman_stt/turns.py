"""Whether a pause ends the utterance, by repeated judgements that the speaker has finished. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

LOOKS = (1, 2, 3, 5)  # times `ask_ms` of silence at which the judge is asked, while the pause lasts
LIKELY = 0.3  # from this probability on the final is decoded ahead at once
CERTAIN, CERTAIN_AFTER = (
    0.975,
    3,
)  # that ends even a text that is no whole sentence, after so many times `ask_ms`


@dataclass(frozen=True, slots=True)
class TurnRule:
    """Thresholds of a judge: the longer the silence, the less sure it must be.

    Args:
        ask_ms: silence after which the judge is asked first.
        sure: probability that ends a whole sentence at that moment.
        unsure: probability that is enough at the last look; below it the speaker goes on.
        wait_ms: silence that ends the utterance whatever the judge says.
    """

    ask_ms: int = 160
    sure: float = 0.9
    unsure: float = 0.3
    wait_ms: int = 1_300

    @property
    def looks(self) -> tuple[int, ...]:
        """Silences in ms after which the judge is asked."""
        return tuple(look for number in LOOKS if (look := number * self.ask_ms) < self.wait_ms)

    def over(self, judged: Sequence[float], silence_ms: int) -> bool:
        """Whether a whole sentence ends here, by all judgements of the pause so far."""
        looks = sum(look <= silence_ms for look in self.looks)
        lower = (self.sure - self.unsure) / (len(LOOKS) - 1) * (looks - 1)
        return bool(judged) and fmean(judged) >= self.sure - lower

    def possible(self, judged: Sequence[float], silence_ms: int) -> bool:
        """Whether one more judgement may end the utterance here."""
        return self.over([*judged, 1.0], silence_ms)

    def certain(self, judged: Sequence[float], silence_ms: int) -> bool:
        """Whether any text ends here."""
        late = silence_ms >= CERTAIN_AFTER * self.ask_ms
        return late and bool(judged) and fmean(judged) >= CERTAIN
