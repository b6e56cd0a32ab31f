"""The audio of a track that may still be decoded, with its voice activity. Pure."""

import numpy as np

from dragoman_contract.audio import samples_to_ms
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Pcm, Spans
from dragoman_stt.places import spans


class HeldAudio:
    """Frames of 512 samples from sample `base` on."""

    def __init__(self, first: int) -> None:
        self.base = first
        self._frames: list[Pcm] = []
        self._voiced: list[bool] = []

    def __len__(self) -> int:
        """Frames that are held."""
        return len(self._frames)

    def add(self, frame: Pcm, voiced: bool) -> None:
        """The next frame."""
        self._frames.append(frame)
        self._voiced.append(voiced)

    def window(self, start: int, end: int) -> tuple[Pcm, Spans]:
        """The samples from `start` to `end` of the track, and where in them there is a voice."""
        first, last = (start - self.base) // FRAME, -(-(end - self.base) // FRAME)
        skip = start - self.base - first * FRAME
        pcm = np.concatenate(self._frames[first:last])[skip : skip + end - start]
        return pcm, spans(self._voiced[first:last], samples_to_ms(skip), samples_to_ms(len(pcm)))

    def forget(self, before: int) -> None:
        """Drop the frames that end before a sample of the track."""
        frames = (before - self.base) // FRAME
        if frames > 0:
            del self._frames[:frames], self._voiced[:frames]
            self.base += frames * FRAME
