"""The audio of messages: base64 of WAV or raw samples in, pieces of PCM out."""

import base64
import binascii
from collections.abc import Iterator

import numpy as np

from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.sarvam.messages import MESSAGE_RATES, AudioData
from dragoman_edge.dialects.sarvam.query import Query
from dragoman_edge.dialects.sarvam.wav import Sound, WavReader, is_wav
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio

# How other containers begin; they are not taken for samples.
_CONTAINERS = (b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FORM", b"caff", b"RIFX", b"RF64")
_LOUD = 200  # mean size of a sample from which on its byte order can be told


class AudioReader:
    """The audio of one socket, which may be cut anywhere."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._wav = WavReader()
        self._samples = _Samples()

    def read(self, message: AudioData) -> Iterator[Audio]:
        """The samples of a message.

        Raises:
            PeerError: `UNSUPPORTED_AUDIO`.
        """
        data = _decoded(message.data)
        rate = _rate(message.sample_rate, self._query.sample_rate)
        codec = self._query.input_audio_codec or _codec(message.encoding)
        if codec == "wav" and (self._query.input_audio_codec or self._wav.begun or is_wav(data)):
            sounds = self._wav.feed(data)
        else:
            sounds = [Sound(rate, self._samples.feed(data, codec))]
        for sound in sounds:
            yield from _pieces(sound)


class _Samples:
    """Raw samples of 16 bits that may be cut within one."""

    def __init__(self) -> None:
        self._begun = False
        self._odd = b""
        self._swapped: bool | None = None  # None = not known yet

    def feed(self, data: bytes, codec: str) -> bytes:
        """PCM s16le.

        Raises:
            PeerError: `UNSUPPORTED_AUDIO`, when it is a file.
        """
        if codec == "wav" and not self._begun and data.startswith(_CONTAINERS):
            raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "the audio is neither WAV nor PCM")
        self._begun = True
        data = self._odd + data
        whole = len(data) - len(data) % BYTES_PER_SAMPLE
        self._odd = data[whole:]
        return self._ordered(data[:whole]) if codec == "pcm_l16" else data[:whole]

    def _ordered(self, data: bytes) -> bytes:
        """L16 is big-endian (RFC 3551 section 4.5.11), but many mean little-endian: the smoother is it."""
        if self._swapped is None and data:
            little, big = (np.frombuffer(data, order).astype(np.int32) for order in ("<i2", ">i2"))
            if max(np.abs(little).mean(), np.abs(big).mean()) >= _LOUD:
                self._swapped = bool(np.abs(np.diff(big)).sum() < np.abs(np.diff(little)).sum())
        return np.frombuffer(data, ">i2").astype("<i2").tobytes() if self._swapped else data


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "audio.data is not base64") from None


def _rate(told: int, connection: int | None) -> int:
    """The connection's rate counts; "8kHz is only supported via connection parameter".

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`.
    """
    if told not in MESSAGE_RATES and told != connection:
        rates = ", ".join(map(str, MESSAGE_RATES))
        raise PeerError(
            FaultCode.UNSUPPORTED_AUDIO,
            f"audio.sample_rate {told}: use {rates}, or sample_rate=8000 of the connection",
        )
    return connection or told


def _codec(encoding: str) -> str:
    """`audio/wav` as a rule; the names of the codecs too.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`.
    """
    name = encoding.lower().removeprefix("audio/")
    if name not in ("wav", "pcm_s16le", "pcm_l16", "pcm_raw"):
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.encoding '{encoding}': use 'audio/wav'")
    return name


def _pieces(sound: Sound) -> Iterator[Audio]:
    """Of a second at most: a whole recording may come in one message."""
    size = sound.sample_rate * BYTES_PER_SAMPLE
    form = AudioFormat(sample_rate=sound.sample_rate)
    for start in range(0, len(sound.pcm), size):
        yield Audio(sound.pcm[start : start + size], form)
