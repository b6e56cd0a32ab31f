"""G.711: the sample of each mu-law and A-law byte (ITU-T G.711, tables 1 and 2)."""

from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.int16]]


def _mulaw() -> Samples:
    """The sample of each byte: ITU-T G.711, table 2."""
    code = ~np.arange(256) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _alaw() -> Samples:
    """The sample of each byte: ITU-T G.711, table 1."""
    code = np.arange(256) ^ 0x55
    segment, step = (code >> 4) & 7, (code & 0x0F) << 4
    size = np.where(segment, step + 0x108 << np.maximum(segment - 1, 0), step + 8)
    return np.where(code & 0x80, size, -size).astype(np.int16)


MULAW, ALAW = _mulaw(), _alaw()
