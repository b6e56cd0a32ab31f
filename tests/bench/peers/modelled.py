"""A clock for comparisons: each decode takes what a model of its cost says, however busy the machine is.

Two runs of the same code hardly differ, so that a difference between two versions is theirs. Costs are those
of the `base` weights on one core of the machine of docs/performance.md, in seconds.
"""

import threading
from collections.abc import Callable
from typing import Any

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines.base import Audio, TurnJudge
from dragoman_stt.engines.whisper.engine import Whisper
from dragoman_stt.engines.whisper.model import LONGEST_S, SHORTEST_S, Generated

ENCODE_S, ENCODE_A_SECOND_S = 0.04, 0.02
NARROW_S, NARROW_A_TOKEN_S = 0.02, 0.009  # beam 1
WIDE_S, WIDE_A_TOKEN_S, TO_THE_END_A_TOKEN_S = 0.03, 0.012, 0.02  # a wider beam; with a penalty on length
ALIGN_S, ALIGN_A_TOKEN_S = 0.01, 0.0015
JUDGE_S = 0.05


class Costs:
    """What the work of several threads has cost so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent_s = 0.0

    def spent(self) -> float:
        """Return it, in seconds."""
        return self._spent_s

    def counted(self, work: Callable[..., Any], cost_s: Callable[..., float]) -> Callable[..., Any]:
        """The same work; `cost_s` says what it cost, from its result and its arguments."""

        def done(*args: Any) -> Any:
            result = work(*args)
            with self._lock:
                self._spent_s += cost_s(result, *args)
            return result

        return done

    def count(self, engine: Whisper, judge: TurnJudge | None) -> None:
        """Count the work of a recogniser and of a judge of turns from now on."""
        model: Any = engine.model
        engine.clock = self.spent
        model.encode = self.counted(model.encode, encoding)
        model.generate = self.counted(model.generate, generating)
        model.words = self.counted(model.words, aligning)
        if judge is not None:
            asked: Any = judge
            asked.finished = self.counted(judge.finished, lambda *_: JUDGE_S)


def encoding(_: Any, audio: Audio, pad_s: float) -> float:
    """Of a window: a second of silence costs as much as one of speech."""
    seconds = min(LONGEST_S, max(SHORTEST_S, len(audio) / SAMPLE_RATE + pad_s))
    return ENCODE_S + ENCODE_A_SECOND_S * seconds


def generating(
    made: Generated, _: Any, seconds: float, prompt: Any, beam: int, length_penalty: float
) -> float:
    """Of a text, by its tokens."""
    if beam == 1:
        return NARROW_S + NARROW_A_TOKEN_S * len(made.tokens)
    return WIDE_S + (TO_THE_END_A_TOKEN_S if length_penalty else WIDE_A_TOKEN_S) * len(made.tokens)


def aligning(_: Any, encoded: Any, tokenizer: Any, tokens: Any, place: float) -> float:
    """Of the times of words, by the tokens."""
    return ALIGN_S + ALIGN_A_TOKEN_S * len(tokens)
