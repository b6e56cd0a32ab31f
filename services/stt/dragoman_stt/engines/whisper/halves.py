"""A window in two halves, for text that the decoder has no places for at once. Pure."""

from dataclasses import replace

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines.base import Audio, Hypothesis, Spans


def quiet_middle(audio: Audio) -> int:
    """The middle of the quietest 20 ms in the middle half."""
    step = SAMPLE_RATE // 50
    frames = np.square(audio[: len(audio) // step * step].reshape(-1, step)).sum(axis=1)
    first = len(frames) // 4
    return (first + int(np.argmin(frames[first : first * 3]))) * step + step // 2


def divided(speech: Spans, place_ms: int) -> tuple[Spans, Spans]:
    """The spans before a place, and those behind it in ms from there."""
    before = tuple((start, min(end, place_ms)) for start, end in speech if start < place_ms)
    after = tuple((max(0, start - place_ms), end - place_ms) for start, end in speech if end > place_ms)
    return before, after


def joined(first: Hypothesis, second: Hypothesis, place_ms: int) -> Hypothesis:
    """Join the hypotheses of two halves, the second one from `place_ms` on."""
    moved = tuple(
        replace(word, start_ms=word.start_ms + place_ms, end_ms=word.end_ms + place_ms)
        for word in second.words
    )
    between = "" if second.words and not second.words[0].text.startswith(" ") else " "
    sure = [half.confidence for half in (first, second) if half.text]
    return replace(
        first,
        text=f"{first.text}{between}{second.text}".strip(),
        words=first.words + moved,
        confidence=min(sure, default=0.0),
        english=f"{first.english} {second.english}".strip() if first.english and second.english else "",
    )
