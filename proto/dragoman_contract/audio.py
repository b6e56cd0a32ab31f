"""The audio frame of the bus: a fixed header and raw PCM. No protobuf on the audio path.

Layout, little-endian, 24 bytes (SPEC.md, "Audio frames"):

    u8 version, u8 reserved, u16 track, u32 epoch, u64 sequence, u64 sample_offset, then PCM s16le mono 16 kHz
"""

import struct
from dataclasses import dataclass

from dragoman_contract.errors import FaultCode, PeerError

SAMPLE_RATE = 16_000  # Hz
BYTES_PER_SAMPLE = 2
BYTES_PER_MS = SAMPLE_RATE * BYTES_PER_SAMPLE // 1000
SAMPLES_PER_MS = SAMPLE_RATE // 1000
VERSION = 1
MAX_PCM_BYTES = 256 * 1024  # about 8 s; larger input is split by the edge

_HEADER = struct.Struct("<BBHIQQ")
HEADER_BYTES = _HEADER.size


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A piece of one track.

    `pcm` begins at sample `sample_offset` of the track; `sequence` counts the frames of an epoch from 0.
    """

    track: int
    epoch: int
    sequence: int
    sample_offset: int
    pcm: bytes

    @property
    def end_sample(self) -> int:
        """The sample after the last one of this frame."""
        return self.sample_offset + len(self.pcm) // BYTES_PER_SAMPLE


def encode_frame(frame: AudioFrame) -> bytes:
    """Header and PCM as one message."""
    header = _HEADER.pack(VERSION, 0, frame.track, frame.epoch, frame.sequence, frame.sample_offset)
    return header + frame.pcm


def decode_frame(data: bytes) -> AudioFrame:
    """Parse a message of the audio path.

    Raises:
        PeerError: `BAD_REQUEST`, when it is short, of another version, oversized or has half a sample.
    """
    if len(data) < HEADER_BYTES:
        raise PeerError(FaultCode.BAD_REQUEST, "audio frame is shorter than its header")
    version, _, track, epoch, sequence, offset = _HEADER.unpack_from(data)
    if version != VERSION:
        raise PeerError(FaultCode.BAD_REQUEST, f"audio frame of version {version}, expected {VERSION}")
    pcm = data[HEADER_BYTES:]
    if len(pcm) % BYTES_PER_SAMPLE or len(pcm) > MAX_PCM_BYTES:
        raise PeerError(FaultCode.BAD_REQUEST, f"audio frame with {len(pcm)} bytes of PCM")
    return AudioFrame(track, epoch, sequence, offset, pcm)


def samples_to_ms(samples: int) -> int:
    """Sample count at 16 kHz to whole milliseconds, rounded down."""
    return samples // SAMPLES_PER_MS


def ms_to_samples(ms: int) -> int:
    """Milliseconds to a sample count at 16 kHz."""
    return ms * SAMPLES_PER_MS
