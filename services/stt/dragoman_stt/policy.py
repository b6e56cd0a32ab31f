"""When an utterance begins and ends, and what of it is shown meanwhile. Pure: its clock is the sample count.

Audio goes in with its voice-activity probabilities; out come windows to decode, for an interim or a final.
"""

from dataclasses import dataclass, replace

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE, ms_to_samples
from dragoman_contract.events import Endpointing
from dragoman_stt.engines.base import Pcm

FRAME = 512  # samples of one voice-activity frame (32 ms)
FRAME_MS = FRAME * 1000 // SAMPLE_RATE
DEFAULTS = Endpointing(
    silence_ms=500,
    max_utterance_ms=15_000,
    min_speech_ms=96,
    speech_threshold=0.4,
    silence_threshold=0.25,
    speech_pad_ms=400,
)
INTERIM_EVERY_MS = 600
TAIL_MS = 400  # silence that is kept after the speech: with less, words are invented
SEARCH_FOR_CUT = 0.5  # the last part of a too long utterance in which the quietest place is cut


@dataclass(frozen=True, slots=True)
class Window:
    """Audio to decode: samples of the track from `start`; `speech_end` is where the speech ended."""

    start: int
    pcm: Pcm
    final: bool
    speculative: bool  # a final, if no more speech comes before the endpoint
    speech_end: int
    covered: int  # after this final, audio before here is not needed


@dataclass(frozen=True, slots=True)
class Activity:
    """Speech began or ended, at a sample of the track."""

    speaking: bool
    at: int


def with_defaults(wanted: Endpointing) -> Endpointing:
    """Zero means the default."""
    names = ("silence_ms", "max_utterance_ms", "min_speech_ms", "speech_threshold", "speech_pad_ms")
    filled = replace(wanted, **{n: getattr(wanted, n) or getattr(DEFAULTS, n) for n in names})
    threshold = filled.silence_threshold or max(0.05, filled.speech_threshold - 0.15)
    first = filled.first_min_speech_ms or filled.min_speech_ms
    return replace(filled, silence_threshold=threshold, first_min_speech_ms=first)


class Policy:
    """One track. `next_interim` tells the sample from which an interim is due."""

    def __init__(self, endpointing: Endpointing, first_sample: int) -> None:
        self.endpointing = with_defaults(endpointing)
        self._base = first_sample  # sample of the first frame held
        self._frames: list[Pcm] = []
        self._probabilities: list[float] = []
        self._onset: int | None = None  # index of the utterance's first frame
        self._run = 0  # frames of speech or silence in a row
        self._first_speech = 0  # index of the utterance's first frame of speech
        self._speech_end = 0  # index after the last frame of speech
        self._shown = 0  # index up to which an interim was asked for
        self._uttered = False

    @property
    def covered(self) -> int:
        """Audio before this sample lies in no open utterance."""
        return self._base + (self._onset or 0) * FRAME if self._onset is not None else self._base

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._onset is not None

    def feed(self, frame: Pcm, probability: float) -> list[Window | Activity]:
        """One frame of 512 samples."""
        self._frames.append(frame)
        self._probabilities.append(self._judged(frame, probability))
        if self._onset is None:
            return self._idle()
        return self._open()

    def flush(self) -> list[Window | Activity]:
        """End the open utterance now."""
        if self._onset is None:
            return []
        return self._close(len(self._frames))

    def _judged(self, frame: Pcm, probability: float) -> float:
        e = self.endpointing
        if e.ignore_initial_ms and self._end_sample() <= ms_to_samples(e.ignore_initial_ms):
            return 0.0
        if e.min_volume_db and _level_db(frame) < e.min_volume_db:
            return 0.0
        return probability

    def _idle(self) -> list[Window | Activity]:
        e = self.endpointing
        speech = self._probabilities[-1] >= e.speech_threshold
        self._run = self._run + 1 if speech else 0
        needed = e.min_speech_ms if self._uttered else e.first_min_speech_ms
        if self._run * FRAME_MS < needed:
            self._forget(self._run + e.speech_pad_ms // FRAME_MS + 1)
            return []
        first_speech = len(self._frames) - self._run
        self._onset = max(0, first_speech - e.speech_pad_ms // FRAME_MS)
        self._first_speech = first_speech
        self._speech_end = len(self._frames)
        self._shown = self._onset
        self._run = 0
        self._uttered = True
        return [Activity(True, self._base + first_speech * FRAME)]

    def _forget(self, keep: int) -> None:
        drop = len(self._frames) - keep
        if drop > 0:
            del self._frames[:drop], self._probabilities[:drop]
            self._base += drop * FRAME

    def _open(self) -> list[Window | Activity]:
        e = self.endpointing
        if self._probabilities[-1] >= e.silence_threshold:
            self._run, self._speech_end = 0, len(self._frames)
        else:
            self._run += 1
        if self._silent_frames() * FRAME_MS >= e.silence_ms:
            return self._close(len(self._frames))
        if self._run == TAIL_MS // FRAME_MS:
            return [self._closing(len(self._frames), speculative=True)]
        length = (len(self._frames) - (self._onset or 0)) * FRAME_MS
        if length >= e.max_utterance_ms:
            return self._cut()
        return []

    def _silent_frames(self) -> int:
        """Frames of silence that count for the endpoint: those in a row, or all of the silence window."""
        e = self.endpointing
        if not e.silence_window_ms:
            return self._run
        window = max(e.silence_window_ms, e.silence_ms) // FRAME_MS + 1
        begin = max(self._first_speech, len(self._probabilities) - window)
        return sum(p < e.silence_threshold for p in self._probabilities[begin:])

    def interim(self) -> Window | None:
        """The open window, when enough is new since the last one that was asked for."""
        if self._onset is None or self._run * FRAME_MS > TAIL_MS:
            return None
        if (len(self._frames) - self._shown) * FRAME_MS < INTERIM_EVERY_MS:
            return None
        self._shown = len(self._frames)
        return self._window(self._onset, len(self._frames), final=False, covered=0)

    def _close(self, end: int) -> list[Window | Activity]:
        window = self._closing(end, speculative=False)
        tail = min(end, self._speech_end + TAIL_MS // FRAME_MS)
        ended = Activity(False, self._base + self._speech_end * FRAME)
        self._onset = None
        self._run = 0
        self._forget(len(self._frames) - tail)
        return [window, ended]

    def _closing(self, end: int, *, speculative: bool) -> Window:
        tail = min(end, self._speech_end + TAIL_MS // FRAME_MS)
        covered = self._base + tail * FRAME
        window = self._window(self._onset or 0, tail, final=True, covered=covered)
        return replace(window, speculative=speculative)

    def _cut(self) -> list[Window | Activity]:
        """Too long: end the utterance at its quietest place; the rest begins the next one."""
        onset, end = self._onset or 0, len(self._frames)
        search = onset + int((end - onset) * (1 - SEARCH_FOR_CUT))
        cut = search + int(np.argmin(self._probabilities[search:])) + 1
        self._speech_end = min(self._speech_end, cut)
        window = self._window(onset, cut, final=True, covered=self._base + cut * FRAME)
        self._forget(end - cut)
        self._onset, self._first_speech, self._shown = 0, 0, 0
        self._speech_end = len(self._frames)
        return [window]

    def _window(self, start: int, end: int, *, final: bool, covered: int) -> Window:
        pcm = np.concatenate(self._frames[start:end]) if end > start else np.empty(0, np.int16)
        speech_end = self._base + min(end, self._speech_end) * FRAME
        return Window(self._base + start * FRAME, pcm, final, False, speech_end, covered)

    def _end_sample(self) -> int:
        return self._base + len(self._frames) * FRAME


def _level_db(frame: Pcm) -> float:
    rms = float(np.sqrt(np.mean(np.square(frame.astype(np.float32)))))
    return 20 * float(np.log10(max(rms, 1e-3) / 32768))


def agreed(previous: str, current: str) -> int:
    """Characters of `current` up to the last word on which two hypotheses agree (local agreement)."""
    words, before = current.split(" "), previous.split(" ")
    same = 0
    for word, other in zip(words, before, strict=False):
        if _bare(word) != _bare(other):
            break
        same += 1
    return len(" ".join(words[:same]))


def _bare(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum())
