"""Ogg pages of Opus packets (RFC 3533, RFC 7845). Pure.

A piece of a recording is one page. Its body is stored; its header is made when the file is read, because it
says what stands before it.
"""

import struct
import zlib
from collections.abc import Sequence

FRAME = 960  # samples of a packet at 16 kHz: 60 ms
GRANULES = 3  # of a sample: Ogg counts Opus at 48 kHz
PRE_SKIP = 312  # at 48 kHz: the encoder's delay
DELAY = PRE_SKIP // GRANULES  # at 16 kHz
MOST_FRAMES = 80
MOST_SEGMENTS = 255
HEADER = struct.Struct("<4sBBqIII")
BEGIN, END = 2, 4  # of a logical stream
VENDOR = b"dragoman"
# 60 ms of silence: three CELT frames of 20 ms, wide band, mono, each the two bytes of a silent one.
SILENCE = bytes((23 << 3 | 3, 3)) + b"\xff\xfe" * 3
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def body(packets: Sequence[bytes]) -> bytes:
    """Return the part of a page that its place does not change.

    Raises:
        ValueError: the packets need more than one page.
    """
    lacing = bytearray()
    for packet in packets:
        lacing += b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,))
    if not 0 < len(lacing) <= MOST_SEGMENTS:
        raise ValueError("the packets do not fill one page")
    return bytes((len(lacing),)) + bytes(lacing) + b"".join(packets)


def silence(frames: int) -> bytes:
    """Return the body of a page of silence, of up to 80 frames."""
    return body([SILENCE] * frames)


def page_size(body_size: int) -> int:
    """Return the size of a page in bytes."""
    return HEADER.size + body_size


def page(stored: bytes, granule: int, serial: int, sequence: int, flags: int = 0) -> bytes:
    """Return a whole page; `granule` is the number of samples (48 kHz) up to its end, the delay included."""
    header = HEADER.pack(b"OggS", 0, flags, granule, serial, sequence, 0)
    checksum = _checksum(header + stored)
    return header[:-4] + struct.pack("<I", checksum) + stored


def head(serial: int) -> bytes:
    """Return the two pages before the audio."""
    opus = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, PRE_SKIP, 16_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", len(VENDOR)) + VENDOR + struct.pack("<I", 0)
    return page(body([opus]), 0, serial, 0, BEGIN) + page(body([tags]), 0, serial, 1)


def _checksum(data: bytes) -> int:
    """Ogg's CRC is zlib's with the bits of every byte, and of the sum, the other way round."""
    crc = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{crc:032b}"[::-1], 2)


HEAD_SIZE = len(head(0))
