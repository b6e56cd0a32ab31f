"""Samples out of WAV files that arrive in pieces cut anywhere. Pure; every header is hostile.

A file after another may have another format. What follows a file without a header of its own is taken as more
of its samples: many clients cut one recording into pieces and only the first has the header.
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.g711 import ALAW, MULAW

_RIFF, _HEADER = 12, 8  # bytes of the file's header, and of a chunk's
_LONGEST_FORMAT = 64  # bytes of a "fmt " chunk: 40 with the extension
_PCM, _FLOAT, _ALAW, _MULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_RATES = range(4000, 192_001)  # Hz
_FILES = (b"RIFF", b"RF64")  # names that a WAV file begins with
_UNKNOWN = (0, 0x7FFFFFFF, 0xFFFFFFFF)  # sizes that a writer gives who cannot seek back
_OTHER = (
    b"ds64",  # sizes of an RF64 file (EBU Tech 3306): its samples go to the end of the stream
    b"LIST",
    b"INFO",
    b"fact",
    b"cue ",
    b"bext",
    b"iXML",
    b"JUNK",
    b"junk",
    b"PAD ",
    b"PEAK",
    b"id3 ",
    b"ID3 ",
)
# (format tag, bits) → numpy type; 24 bits are read apart.
_TYPES = {
    (_PCM, 8): "u1",
    (_PCM, 16): "<i2",
    (_PCM, 24): "",
    (_PCM, 32): "<i4",
    (_FLOAT, 32): "<f4",
    (_FLOAT, 64): "<f8",
    (_ALAW, 8): "u1",
    (_MULAW, 8): "u1",
}
_TABLES = {_ALAW: ALAW, _MULAW: MULAW}


@dataclass(frozen=True, slots=True)
class Sound:
    """PCM s16le mono; `sample_rate` in Hz."""

    sample_rate: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class _Format:
    tag: int
    channels: int
    sample_rate: int
    bits: int

    @property
    def frame(self) -> int:
        return self.channels * self.bits // 8


class WavReader:
    """One stream of WAV bytes."""

    def __init__(self) -> None:
        self._begin_file()

    def _begin_file(self) -> None:
        self._held = b""
        self._format: _Format | None = None
        self._began = False  # the file's header was read
        self._samples = 0.0  # bytes of samples still to come
        self._skip = 0  # bytes of another chunk still to come

    @property
    def begun(self) -> bool:
        """Whether there was a header."""
        return self._began or bool(self._held)

    def feed(self, data: bytes) -> list[Sound]:
        """The whole samples so far.

        Raises:
            PeerError: `UNSUPPORTED_AUDIO`, when the bytes are no WAV file or its format is not taken.
        """
        if is_wav(data):
            self._begin_file()  # whatever the sizes of the last one said
        self._held += data
        sounds: list[Sound] = []
        while self._step(sounds):
            pass
        return sounds

    def _step(self, sounds: list[Sound]) -> bool:
        """Read one part; whether there may be another."""
        if self._skip:
            skipped = min(self._skip, len(self._held))
            self._held, self._skip = self._held[skipped:], self._skip - skipped
            return bool(self._held)
        if self._samples:
            return self._read_samples(sounds)
        return self._read_chunk() if self._began else self._read_riff()

    def _read_riff(self) -> bool:
        if not _may_be_wav(self._held):
            raise _bad("the audio is not a WAV file")
        if len(self._held) < _RIFF:
            return False
        self._held, self._began = self._held[_RIFF:], True
        return True

    def _read_chunk(self) -> bool:
        if len(self._held) < _HEADER:
            return False
        name, size = struct.unpack("<4sI", self._held[:_HEADER])
        if name in _FILES:
            self._began = False
        elif name == b"data":
            return self._begin_samples(size)
        elif name == b"fmt ":
            return self._read_format(size)
        elif name in _OTHER or self._format is None:
            self._held, self._skip = self._held[_HEADER:], size + size % 2
        else:  # more samples of a file whose header promised fewer
            self._samples = math.inf
        return True

    def _read_format(self, size: int) -> bool:
        if not 16 <= size <= _LONGEST_FORMAT:
            raise _bad(f"a WAV format of {size} bytes")
        if len(self._held) < _HEADER + size:
            return False
        body = self._held[_HEADER : _HEADER + size]
        tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
        if tag == _EXTENSIBLE and size >= 40:
            tag = struct.unpack("<H", body[24:26])[0]
        if (tag, bits) not in _TYPES:
            raise _bad(f"WAV format {tag} with {bits} bits: use PCM of 16 bits")
        if channels not in (1, 2):
            raise _bad(f"{channels} channels: use 1")
        if rate not in _RATES:
            raise _bad(f"sample rate {rate} Hz: use 16000")
        self._format = _Format(tag, channels, rate, bits)
        self._held, self._skip = self._held[_HEADER:], size + size % 2
        return True

    def _begin_samples(self, size: int) -> bool:
        if self._format is None:
            raise _bad("WAV samples before their format")
        self._held = self._held[_HEADER:]
        self._samples = math.inf if size in _UNKNOWN else size
        return True

    def _read_samples(self, sounds: list[Sound]) -> bool:
        if self._format is None:
            raise RuntimeError("samples without a format")
        here = int(min(len(self._held), self._samples))
        whole = here - here % self._format.frame
        if whole:
            sounds.append(Sound(self._format.sample_rate, _mono(self._held[:whole], self._format)))
        if here == self._samples:  # a part of a sample at the end is no sample
            self._held, self._samples = self._held[here:], 0.0
            return bool(self._held)
        self._held = self._held[whole:]
        self._samples -= whole
        return False


def is_wav(data: bytes) -> bool:
    """Whether a WAV file begins here."""
    return data[:4] in _FILES and data[8:12] == b"WAVE"


def _may_be_wav(data: bytes) -> bool:
    """Whether a file that begins like this can still be a WAV file."""
    return any(name.startswith(data[:4]) for name in _FILES) and b"WAVE".startswith(data[8:12])


def _mono(data: bytes, form: _Format) -> bytes:
    if (form.tag, form.bits, form.channels) == (_PCM, 16, 1):
        return data
    with np.errstate(invalid="ignore"):  # floats may be anything
        samples = _samples(data, form)
    if form.channels == 2:
        samples = samples.reshape(-1, 2).mean(axis=1)
    pcm: bytes = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return pcm


def _samples(data: bytes, form: _Format) -> Any:
    """As floats of 16-bit size."""
    if form.bits == 24:  # the high two bytes of each
        return (
            np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:].copy().view("<i2").reshape(-1).astype(float)
        )
    if form.tag in _TABLES:
        return _TABLES[form.tag][np.frombuffer(data, np.uint8)].astype(float)
    samples = np.frombuffer(data, _TYPES[form.tag, form.bits]).astype(float)
    if form.tag == _FLOAT:
        return np.nan_to_num(samples, posinf=1.0, neginf=-1.0) * 32767
    if form.bits == 8:
        return (samples - 128) * 256
    return samples / (1 << (form.bits - 16))


def _bad(message: str) -> PeerError:
    return PeerError(FaultCode.UNSUPPORTED_AUDIO, message)
