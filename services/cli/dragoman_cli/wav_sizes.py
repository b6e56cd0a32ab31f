"""WAV files whose header does not tell their length: those of pipes and of recorders that were cut off."""

import struct
from dataclasses import dataclass

UNKNOWN = (0, 0x7FFFFFFF, 0xFFFFFFFF)  # sizes that a writer gives who cannot seek back
HEADER = 8  # bytes of a chunk's name and size
RIFF = 12  # bytes before the first chunk


@dataclass(frozen=True, slots=True)
class Measured:
    """A WAV file with the sizes that it really has, and a warning if they differ from a promise."""

    data: bytes
    warning: str = ""


def measured(data: bytes) -> Measured:
    """Give a WAV file the sizes that its bytes have. Other files come back as they are.

    A size of zero, or the largest there is, means "to the end of the file". Bytes behind the samples that are
    no chunk are more samples, too, with a warning.
    """
    at = _data_chunk(data)
    if at < 0:
        return Measured(data)
    promised = struct.unpack("<I", data[at + 4 : at + 8])[0]
    there = len(data) - at - HEADER
    if promised in UNKNOWN:
        return Measured(_resized(data, at, there))
    if promised < there and not _is_chunk(data[at + HEADER + promised + promised % 2 :]):
        words = f"its header promises {promised} bytes of sound, it holds {there}: all of them are read"
        return Measured(_resized(data, at, there), words)
    return Measured(data)


def _data_chunk(data: bytes) -> int:
    """Where the samples' chunk begins; -1 where there is none, or the file is no plain WAV."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return -1
    at = RIFF
    while at + HEADER <= len(data):
        name, size = struct.unpack("<4sI", data[at : at + HEADER])
        if name == b"data":
            return at
        at += HEADER + size + size % 2
    return -1


def _is_chunk(rest: bytes) -> bool:
    """Whether what follows the samples is the end of the file, or a chunk with a name."""
    if len(rest) < HEADER:
        return True
    name, size = struct.unpack("<4sI", rest[:HEADER])
    return bool(name.isascii() and name.decode().isprintable() and size <= len(rest) - HEADER)


def _resized(data: bytes, at: int, size: int) -> bytes:
    whole, samples = struct.pack("<I", len(data) - HEADER), struct.pack("<I", size)
    return data[:4] + whole + data[8 : at + 4] + samples + data[at + HEADER :]
