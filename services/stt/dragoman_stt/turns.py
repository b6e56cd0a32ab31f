"""Length of a pause that ends an utterance, by the judgement whether the speaker has finished. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnRule:
    """Silences that end an utterance.

    Args:
        ask_ms: silence after which the judge is asked; where it is sure, this is all that is waited for.
        sure: probability from which on the speaker has finished.
        unsure: probability below which the speaker goes on; between them the usual silence counts.
        wait_ms: silence that ends the utterance of a speaker who seems to go on.
    """

    ask_ms: int = 192
    sure: float = 0.9
    unsure: float = 0.5
    wait_ms: int = 1_300

    def silence_ms(self, finished: float | None) -> int:
        """Silence that ends the utterance; 0 = the usual. None = nobody judged."""
        if finished is None or not 0 <= finished <= 1:
            return 0
        if finished >= self.sure:
            return self.ask_ms
        return self.wait_ms if finished < self.unsure else 0
