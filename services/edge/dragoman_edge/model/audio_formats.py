"""Audio formats of the dialects: encodings, rates, channels."""

from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    """Encoding of a dialect's samples."""

    PCM_S16LE = "pcm_s16le"
    PCM_U8 = "pcm_u8"
    MULAW = "mulaw"
    ALAW = "alaw"
    FLOAT32LE = "float32le"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A dialect's audio; `sample_rate` in Hz. Channels are interleaved; channel n is track n."""

    encoding: Encoding = Encoding.PCM_S16LE
    sample_rate: int = 16_000
    channels: int = 1

    @property
    def bytes_per_frame(self) -> int:
        """Bytes of one sample of every channel."""
        width = {Encoding.PCM_S16LE: 2, Encoding.FLOAT32LE: 4}.get(self.encoding, 1)
        return width * self.channels

    @property
    def bytes_per_ms(self) -> float:
        """Bytes of a millisecond of every channel."""
        return self.bytes_per_frame * self.sample_rate / 1000


RATES = (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
