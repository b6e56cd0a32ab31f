"""What a client saw while it spoke, and how late and how right that was. Pure.

The same for every system: `settled` is text that will not change, `shown` everything on the screen. A
sentence counts as begun when a word after the earlier sentences is shown, and as final when as many words are
settled as all up to it have, give or take `SLACK`. Counting words is kind to a system that mishears.
"""

from dataclasses import dataclass, field

from dragoman_contract.events import Transcript
from tests.bench.peers.read import Reading
from tests.stt.speech import bare, word_errors

SLACK = 2  # words
WHOLE = 0.9  # of the words must be settled in the end, when a system keeps up
PATIENCE_S = 2.0  # the last sentence may be final so long after its end, when a system keeps up


@dataclass(frozen=True, slots=True)
class Final:
    """A final that came at a time, of what was said from `start` to `end`; seconds, as all times here."""

    at: float
    start: float
    end: float
    text: str


@dataclass(slots=True)
class Heard:
    """Times are seconds since the first sample of the audio was due."""

    moments: list[tuple[float, str, str]] = field(default_factory=list)  # time, settled, shown
    finals: list[Final] = field(default_factory=list)  # of systems that tell where they lie
    transcripts: list[tuple[float, Transcript]] = field(default_factory=list)  # ours only: all, as they came
    stops: list[float] = field(default_factory=list)  # ours only: where speech ended at an endpoint

    def note(self, at: float, settled: str, unsettled: str) -> None:
        """What is on the screen now."""
        self.moments.append((at, settled, f"{settled} {unsettled}".strip()))

    @property
    def text(self) -> str:
        """All that was settled, or at least shown, at the end."""
        return max((self.moments[-1][1], self.moments[-1][2]), key=len) if self.moments else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Seconds after the start (first) and the end (final) of each sentence; words wrong as a share."""

    first: list[float]
    final: list[float]
    errors: float
    keeps_up: bool


def judge(heard: Heard, reading: Reading, texts: list[str]) -> Verdict:
    """`texts` are the sentences as the offline decode has them."""
    first: list[float] = []
    final: list[float] = []
    words = 0
    for sentence, text in zip(reading.sentences, texts, strict=True):
        begun = _when(heard, words + 1, sentence.start, settled=False)
        words += len(bare(text))
        ended = _when(heard, words - SLACK, sentence.start, settled=True)
        first += [begun - sentence.start] if begun is not None else []
        final += [ended - sentence.end] if ended is not None else []
    settled = heard.moments[-1][1] if heard.moments else ""
    complete = len(bare(settled)) >= WHOLE * words
    return Verdict(
        first, final, word_errors(" ".join(texts), heard.text), complete and _in_time(heard, reading)
    )


def _when(heard: Heard, words: int, after: float, *, settled: bool) -> float | None:
    for at, firm, shown in heard.moments:
        if at > after and len(bare(firm if settled else shown)) >= words:
            return at
    return None


def _in_time(heard: Heard, reading: Reading) -> bool:
    """Whether the last text came soon after the last word."""
    settled = heard.moments[-1][1] if heard.moments else ""
    changed = [at for at, firm, _ in heard.moments if firm == settled]
    return bool(changed) and changed[0] - reading.sentences[-1].end <= PATIENCE_S
