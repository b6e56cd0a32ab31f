"""Audio on the bus: one or more frames of a fixed header and raw PCM in a message. No protobuf on its path.

Layout of a frame, little-endian (SPEC.md, "Audio frames"):

    u8 version, u8 length of the session id, u16 track, u32 epoch, u64 sequence, u64 sample_offset,
    u32 bytes of PCM, then the session id (ASCII) and PCM s16le mono 16 kHz
"""

import struct
from dataclasses import dataclass

from dragoman_contract.errors import FaultCode, PeerError

SAMPLE_RATE = 16_000  # Hz
BYTES_PER_SAMPLE = 2
BYTES_PER_MS = SAMPLE_RATE * BYTES_PER_SAMPLE // 1000
SAMPLES_PER_MS = SAMPLE_RATE // 1000
VERSION = 2
MAX_PCM_BYTES = 256 * 1024  # of a frame: about 8 s; larger input is split by the edge
MAX_MESSAGE_BYTES = 512 * 1024  # of all frames of a message, together

_HEADER = struct.Struct("<BBHIQQI")
HEADER_BYTES = _HEADER.size


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A piece of one track.

    `pcm` begins at sample `sample_offset` of the track; `sequence` counts the frames of an epoch from 0.
    """

    session_id: str
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
    """A frame as it goes into a message."""
    session = frame.session_id.encode("ascii")
    header = _HEADER.pack(
        VERSION,
        len(session),
        frame.track,
        frame.epoch,
        frame.sequence,
        frame.sample_offset,
        len(frame.pcm),
    )
    return header + session + frame.pcm


def decode_frames(data: bytes) -> list[AudioFrame]:
    """All frames of a message.

    Raises:
        PeerError: `BAD_REQUEST`, when one is cut short, of another version, oversized or has half a sample.
    """
    frames, place = [], 0
    while place < len(data):
        frame, place = _decode(data, place)
        frames.append(frame)
    return frames


def _decode(data: bytes, place: int) -> tuple[AudioFrame, int]:
    """The frame that begins at `place`, and where the next one does."""
    begin = place + HEADER_BYTES
    if len(data) < begin:
        raise PeerError(FaultCode.BAD_REQUEST, "audio frame is shorter than its header")
    version, named, track, epoch, sequence, offset, size = _HEADER.unpack_from(data, place)
    if version != VERSION:
        raise PeerError(FaultCode.BAD_REQUEST, f"audio frame of version {version}, expected {VERSION}")
    end = begin + named + size
    if size % BYTES_PER_SAMPLE or size > MAX_PCM_BYTES or end > len(data):
        raise PeerError(FaultCode.BAD_REQUEST, f"audio frame with {size} bytes of PCM")
    session = data[begin : begin + named]
    if not session.isascii():
        raise PeerError(FaultCode.BAD_REQUEST, "audio frame without a session id")
    return AudioFrame(session.decode(), track, epoch, sequence, offset, data[begin + named : end]), end


def samples_to_ms(samples: int) -> int:
    """Sample count at 16 kHz to whole milliseconds, rounded down."""
    return samples // SAMPLES_PER_MS


def ms_to_samples(ms: int) -> int:
    """Milliseconds to a sample count at 16 kHz."""
    return ms * SAMPLES_PER_MS
