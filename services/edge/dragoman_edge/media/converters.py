"""A dialect's audio to canonical audio (PCM s16le mono 16 kHz) and back."""

from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.model.audio_formats import RATES, AudioFormat, Encoding
from dragoman_edge.model.g711 import ALAW, MULAW, Samples

CANONICAL = AudioFormat()


def check(fmt: AudioFormat) -> None:
    """Refuse a format that cannot be converted.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`.
    """
    if fmt.sample_rate not in RATES:
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"sample rate {fmt.sample_rate} Hz is not supported")
    if fmt.channels not in (1, 2):
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"{fmt.channels} channels are not supported")


class Inbound:
    """Gathers and converts what one client sends; keeps the resampler's state between calls."""

    def __init__(self, fmt: AudioFormat, gathering: AdaptiveBatching | None = None) -> None:
        """`gathering` says how much is enough; without it, whatever there is."""
        check(fmt)
        self.format = fmt
        self._size = fmt.bytes_per_frame
        self._gathering = gathering
        self._enough = self._wanted()
        self._gathered: list[bytes] = []
        self._bytes = 0
        self._resamplers = [_resampler(fmt.sample_rate, SAMPLE_RATE) for _ in range(fmt.channels)]

    def _wanted(self) -> int:
        """Bytes."""
        if self._gathering is None:
            return 0
        return self._gathering.ms * self.format.sample_rate // 1000 * self._size

    def gather_no_more(self) -> None:
        """Whatever there is, is enough from now on."""
        self._gathering = None
        self._enough = self._wanted()

    def add(self, data: bytes) -> bool:
        """Gather; whether it is enough to be passed on. A part of a sample waits for the rest of it."""
        self._gathered.append(data)
        self._bytes += len(data)
        return self._bytes >= max(self._enough, self._size)

    @property
    def waiting(self) -> bool:
        """Whether a sample was gathered."""
        return self._bytes >= self._size

    def take(self) -> list[bytes]:
        """Canonical audio of each channel: all that was gathered."""
        data = b"".join(self._gathered)
        whole = len(data) - len(data) % self._size
        data, rest = data[:whole], data[whole:]
        self._gathered, self._bytes = [rest] if rest else [], len(rest)
        self._enough = self._wanted()
        if self.format == CANONICAL:
            return [data]
        samples = _decode(data, self.format.encoding)
        channels = [samples[n :: self.format.channels] for n in range(self.format.channels)]
        return [_resample(r, c) for r, c in zip(self._resamplers, channels, strict=True)]

    def finish(self) -> list[bytes]:
        """Return the gathered audio and the rest of the resamplers; nothing may be added after it."""
        taken, silence = self.take(), np.empty(0, np.int16)
        rest = [_resample(resampler, silence, last=True) for resampler in self._resamplers]
        return [before + held for before, held in zip(taken, rest, strict=True)]


class Outbound:
    """Converts one stream of canonical speech to a dialect's format."""

    def __init__(self, fmt: AudioFormat) -> None:
        check(fmt)
        self._format = fmt
        self._resampler = _resampler(SAMPLE_RATE, fmt.sample_rate)

    def convert(self, pcm: bytes, last: bool) -> bytes:
        """The dialect's bytes; `last` flushes what the resampler still holds."""
        if self._format == CANONICAL:
            return pcm
        resampled = _resample(self._resampler, np.frombuffer(pcm, np.int16), last)
        if last:
            self._resampler = _resampler(SAMPLE_RATE, self._format.sample_rate)
        return _encode(np.frombuffer(resampled, np.int16), self._format.encoding)


def _resampler(source: int, target: int) -> Any:
    if source == target:
        return None
    import soxr  # loaded by the first session that needs it: it costs memory

    return soxr.ResampleStream(source, target, 1, dtype="int16")


def _resample(resampler: Any, samples: Samples, last: bool = False) -> bytes:
    if resampler is None:
        return samples.tobytes()
    resampled: bytes = resampler.resample_chunk(np.ascontiguousarray(samples), last=last).tobytes()
    return resampled


def _decode(data: bytes, encoding: Encoding) -> Samples:
    match encoding:
        case Encoding.PCM_S16LE:
            return np.frombuffer(data, "<i2")
        case Encoding.PCM_U8:
            return ((np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
        case Encoding.MULAW:
            return MULAW[np.frombuffer(data, np.uint8)]
        case Encoding.ALAW:
            return ALAW[np.frombuffer(data, np.uint8)]
        case Encoding.FLOAT32LE:
            floats = np.nan_to_num(np.frombuffer(data, "<f4"))
            scaled: Samples = (np.clip(floats, -1.0, 1.0) * 32767).astype(np.int16)
            return scaled


def _encode(samples: Samples, encoding: Encoding) -> bytes:
    match encoding:
        case Encoding.PCM_S16LE:
            return samples.tobytes()
        case Encoding.FLOAT32LE:
            return (samples.astype("<f4") / 32768).tobytes()
    raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"encoding {encoding} is not supported")
