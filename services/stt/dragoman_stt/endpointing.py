"""Beginnings, pauses and ends of speech, from one probability of voice at a time. Pure; time is frames."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.events import Endpointing
from dragoman_stt.engines.base import Pcm

FRAME = 512  # samples of one voice-activity frame (32 ms)
FRAME_MS = FRAME * 1000 // SAMPLE_RATE
PAUSE_MS = 128  # after so much silence the final is decoded ahead: the utterance is likely over
DEFAULTS = Endpointing(
    silence_ms=500,
    max_utterance_ms=15_000,
    min_speech_ms=96,
    speech_threshold=0.4,
    silence_threshold=0.25,
    speech_pad_ms=400,
)
HYSTERESIS = 0.15  # between the thresholds, when only one is given
SHORTEST_MS, LONGEST_MS = 1_000, 28_000  # of the longest utterance; an engine can decode 30 s at once
LONGEST_PAD_MS = 1_000


class Signal(Enum):
    """Changes that a frame can make."""

    NOTHING = auto()
    ONSET = auto()
    PAUSE = auto()
    ENDPOINT = auto()


def with_defaults(wanted: Endpointing) -> Endpointing:
    """Zero means the default."""
    names = ("silence_ms", "max_utterance_ms", "min_speech_ms", "speech_threshold", "speech_pad_ms")
    filled = replace(wanted, **{n: getattr(wanted, n) or getattr(DEFAULTS, n) for n in names})
    below = (
        DEFAULTS.silence_threshold if not wanted.speech_threshold else filled.speech_threshold - HYSTERESIS
    )
    return replace(
        filled,
        max_utterance_ms=max(SHORTEST_MS, min(filled.max_utterance_ms, LONGEST_MS)),
        speech_pad_ms=min(filled.speech_pad_ms, LONGEST_PAD_MS),
        silence_threshold=wanted.silence_threshold or max(0.05, below),
        first_min_speech_ms=filled.first_min_speech_ms or filled.min_speech_ms,
    )


class Endpointer:
    """One track. `run` counts frames: of speech before an onset, of silence after it."""

    def __init__(self, knobs: Endpointing) -> None:
        self.tune(knobs)
        self.speaking = False
        self.run = 0
        self.onset_run = 0  # frames of speech at the last onset
        self.spoken = 0  # frames of speech since then, with those
        self.patience_ms = 0  # of this pause, if somebody judged it; 0 = the usual silence
        self._uttered = False
        self._recent: deque[bool] = deque()  # silent frames of the window

    @property
    def interrupts(self) -> bool:
        """Whether there was speech enough of the utterance to tell of it."""
        return self.spoken * FRAME_MS >= self.knobs.interrupt_min_speech_ms

    def step(self, frame: Pcm, probability: float, end_sample: int) -> Signal:
        """Judge a frame of 512 samples that ends at a sample of the track."""
        probability = self._judged(frame, probability, end_sample)
        return self._open(probability) if self.speaking else self._idle(probability)

    def pauses(self, after_ms: int) -> bool:
        """Whether just so much silence follows speech, and nobody said what silence ends an utterance."""
        return self.speaking and not self.chosen and self.run == after_ms // FRAME_MS

    def wait(self, silence_ms: int) -> bool:
        """In this pause so much silence ends the utterance; whether it is over now."""
        self.patience_ms = silence_ms
        over = self.speaking and self._over()
        if over:
            self.reset()
        return over

    def tune(self, knobs: Endpointing) -> None:
        """Listen in another way from now on."""
        self.knobs = with_defaults(knobs)
        self.chosen = bool(knobs.silence_ms or knobs.silence_window_ms)  # a client's own wins

    def reset(self) -> None:
        """The utterance was ended by something else."""
        self.speaking = False
        self.run = self.patience_ms = 0
        self._recent.clear()

    def _judged(self, frame: Pcm, probability: float, end_sample: int) -> float:
        k = self.knobs
        if k.ignore_initial_ms and end_sample <= k.ignore_initial_ms * SAMPLE_RATE // 1000:
            return 0.0
        if k.min_volume_db and levels_db([frame])[0] < k.min_volume_db:
            return 0.0
        return probability

    def _idle(self, probability: float) -> Signal:
        k = self.knobs
        self.run = self.run + 1 if probability >= k.speech_threshold else 0
        needed = k.min_speech_ms if self._uttered else k.first_min_speech_ms
        if self.run == 0 or self.run * FRAME_MS < needed:
            return Signal.NOTHING
        self.onset_run = self.spoken = self.run
        self.reset()
        self.speaking = self._uttered = True
        return Signal.ONSET

    def _open(self, probability: float) -> Signal:
        silent = probability < self.knobs.silence_threshold
        self.run = self.run + 1 if silent else 0
        self.spoken += not silent
        self.patience_ms = self.patience_ms if silent else 0
        self._recent.append(silent)
        if self._over():
            self.reset()
            return Signal.ENDPOINT
        return Signal.PAUSE if self.run == PAUSE_MS // FRAME_MS else Signal.NOTHING

    def _over(self) -> bool:
        """Whether there was silence enough: in a row, or within the window."""
        k = self.knobs
        window = -(-max(k.silence_window_ms, k.silence_ms) // FRAME_MS)
        while len(self._recent) > window:
            self._recent.popleft()
        silent = sum(self._recent) if k.silence_window_ms else self.run
        return self.run > 0 and silent * FRAME_MS >= (self.patience_ms or k.silence_ms)


def levels_db(frames: Sequence[Pcm]) -> list[float]:
    """Loudness of each frame in dBFS."""
    power = np.mean(np.square(np.stack(frames).astype(np.float32)), axis=1)
    levels: list[float] = (20 * np.log10(np.maximum(np.sqrt(power), 1e-3) / 32768)).tolist()
    return levels
