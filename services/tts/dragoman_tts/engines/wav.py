"""WAV as it comes over a network: its lengths may not be known, and a chunk may end anywhere. Pure."""

import struct

import numpy as np

from dragoman_tts.engines.base import Samples

LONGEST_HEADER = 65_536
_PCM, _EXTENSIBLE = 1, 0xFFFE
_UNKNOWN = (0, 0xFFFF_FFFF)  # lengths of a stream


class WavError(Exception):
    """A file is no WAV of 16-bit samples with one or two channels."""


class WavReader:
    """Bytes in, samples of one channel out; `rate` (Hz) is known when there are samples."""

    def __init__(self) -> None:
        self.rate = 0
        self._channels = 0
        self._left: float | None = None  # bytes of samples to come; None = still in the header
        self._held = b""

    def feed(self, data: bytes) -> Samples:
        """The samples that these bytes complete.

        Raises:
            WavError: this is none.
        """
        self._held += data
        if self._left is None and not self._header():
            return np.empty(0, np.int16)
        size = 2 * self._channels
        whole = int(min(len(self._held), self._left or 0)) // size * size
        frames, self._held = self._held[:whole], self._held[whole:]
        self._left = (self._left or 0) - whole
        if self._left < size:  # what comes after the samples
            self._held = b""
        samples = np.frombuffer(frames, "<i2").reshape(-1, self._channels)
        return (samples[:, 0] if self._channels == 1 else samples.mean(axis=1)).astype(np.int16)

    def _header(self) -> bool:
        """Read it, when it is complete."""
        held = self._held
        if not b"RIFF".startswith(held[:4]) or (len(held) >= 12 and held[8:12] != b"WAVE"):
            raise WavError
        place = 12
        while len(held) >= place + 8:
            name, length = struct.unpack_from("<4sI", held, place)
            if name == b"data":
                self._begin(held[place + 8 :], length)
                return True
            if name == b"fmt " and len(held) >= place + 24:
                self._format(held[place + 8 :])
            place += 8 + length + length % 2
        if len(held) > LONGEST_HEADER:
            raise WavError
        return False

    def _format(self, found: bytes) -> None:
        kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", found)
        if (
            kind not in (_PCM, _EXTENSIBLE)
            or bits != 16
            or channels not in (1, 2)
            or not 8000 <= rate <= 96_000
        ):
            raise WavError
        self._channels, self.rate = channels, rate

    def _begin(self, held: bytes, length: int) -> None:
        if not self._channels:
            raise WavError
        self._held = held
        self._left = float("inf") if length in _UNKNOWN else length
