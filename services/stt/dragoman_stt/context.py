"""A short utterance is understood better together with the one before it. Pure.

"Ask not." alone is heard as "is not"; after "And so, my fellow Americans" it is heard as what it is. So the
audio of a short utterance is decoded behind its predecessor's, and only the words after the seam are kept.
"""

from dataclasses import replace

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE, ms_to_samples, samples_to_ms
from dragoman_stt.engines.base import Audio, HeardWord, Hypothesis
from dragoman_stt.policy import Request
from dragoman_stt.words import confidence

SHORT_MS = 2200  # longer utterances carry enough context themselves
NEAR_MS = 2000  # a predecessor that ended earlier is another matter
LONGEST_MS = 8000
SEAM_MS = 120  # a word that ends so shortly after the seam still belongs before it


def floats(window: Request) -> Audio:
    """The window's samples as the engines want them."""
    return window.pcm.astype(np.float32) / 32768.0


def with_context(window: Request, before: Request | None) -> tuple[Audio, int]:
    """The audio to decode, and where the window begins in it (ms); 0 = it stands alone."""
    audio = floats(window)
    if before is None or len(audio) > ms_to_samples(SHORT_MS) or not len(before.pcm):
        return audio, 0
    pause = window.start - (before.start + len(before.pcm))
    if pause > ms_to_samples(NEAR_MS) or len(before.pcm) > ms_to_samples(LONGEST_MS):
        return audio, 0
    return np.concatenate([floats(before), audio]), len(before.pcm) * 1000 // SAMPLE_RATE


def after_seam(heard: Hypothesis, seam_ms: int, window: Request) -> Hypothesis | None:
    """What was heard after the seam, in the window's own time; None when it makes no sense."""
    if not seam_ms:
        return heard
    kept = [word for word in heard.words if word.end_ms > seam_ms + SEAM_MS]
    if not kept or len(kept) == len(heard.words):
        return None
    longest = samples_to_ms(len(window.pcm))
    words = tuple(_moved(word, seam_ms, longest) for word in kept)
    text = "".join(word.text for word in words).strip()
    text = text[:1].upper() + text[1:]
    return replace(heard, text=text, words=words, confidence=confidence(words))


def _moved(word: HeardWord, seam_ms: int, longest: int) -> HeardWord:
    start = min(longest, max(0, word.start_ms - seam_ms))
    return replace(word, start_ms=start, end_ms=min(longest, max(start, word.end_ms - seam_ms)))
