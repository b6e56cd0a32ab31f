"""LongYAAL of what a client saw, by OmniSTEval (Polák et al. 2025, arXiv:2509.17349): the field's own figure.

The reference is the offline translation of each sentence of the offline decode. `simulstream`, which computes
the normalised erasure, depends on torch: so that one is computed here (`interpreter_figures.erasure`).
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.interpreter_figures import SourceWord

ENDS = (".", "?", "!", "…")
MS = 1000


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence that was said, in seconds of the audio, and its translation."""

    start: float
    end: float
    reference: str


async def passages(
    offline: Sequence[SourceWord], translate: Callable[[str], Awaitable[str]]
) -> list[Passage]:
    """The sentences of an offline decode, translated."""
    found: list[Passage] = []
    sentence: list[SourceWord] = []
    for place, word in enumerate(offline, 1):
        sentence.append(word)
        if word.text.endswith(ENDS) or place == len(offline):
            text = " ".join(each.text for each in sentence)
            found.append(Passage(sentence[0].start, word.end, await translate(text)))
            sentence = []
    return found


def long_yaal(words: Sequence[str], times: Sequence[float], said: Sequence[Passage]) -> float | None:
    """Seconds; `times` are those at which the words of the final text were shown."""
    from omnisteval import Word, evaluate_instances, resegment

    segments: list[dict[str, Any]] = [
        {
            "offset": one.start * MS,
            "duration": (one.end - one.start) * MS,
            "time_to_recording_end": (said[-1].end - one.start) * MS,
        }
        for one in said
    ]
    reference = [
        Word(unit, emission_cu=one.start * MS, seq_id=number)
        for number, one in enumerate(said)
        for unit in one.reference.lower().split()
    ]
    shown = [Word(word, emission_cu=at * MS, original=word) for word, at in zip(words, times, strict=True)]
    if not reference or not shown:
        return None
    made, _ = resegment([reference], [shown], segments, [one.reference for one in said])
    scores, *_ = evaluate_instances(made, compute_quality=False)
    value = float(scores.get("long_yaal", math.nan))
    return None if math.isnan(value) else value / MS
