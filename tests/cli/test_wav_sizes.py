"""Sizes in the headers of WAV files, as they are."""

import struct

import pytest

from dragoman_cli.wav_sizes import measured

FORM = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
SAMPLES = b"\xf1\x02" * 100


def wav(size: int, before: bytes = b"", after: bytes = b"", whole: int = 0) -> bytes:
    body = b"WAVE" + FORM + before + struct.pack("<4sI", b"data", size) + SAMPLES + after
    return struct.pack("<4sI", b"RIFF", whole) + body


def size_in(data: bytes) -> int:
    at = data.index(b"data") + 4
    return int(struct.unpack("<I", data[at : at + 4])[0])


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_an_unknown_size_becomes_that_of_the_file(size: int) -> None:
    found = measured(wav(size, before=struct.pack("<4sI", b"LIST", 4) + b"INFO"))
    assert size_in(found.data) == 200 and not found.warning
    assert struct.unpack("<I", found.data[4:8])[0] == len(found.data) - 8


def test_a_size_that_is_too_short_is_told() -> None:
    found = measured(wav(40))
    assert size_in(found.data) == 200 and "promises 40 bytes" in found.warning


@pytest.mark.parametrize(
    "data",
    [
        wav(200),
        wav(200, after=struct.pack("<4sI", b"LIST", 4) + b"INFO"),
        wav(200, after=b"x"),
        wav(400),
        b"",
        b"RIFF",
        b"OggS" + bytes(60),
        struct.pack("<4sI", b"RIFF", 0) + b"WAVE" + FORM,
    ],
    ids=["right", "chunk behind", "odd byte", "cut off", "empty", "short", "other", "no samples"],
)
def test_other_files_stay_as_they_are(data: bytes) -> None:
    assert measured(data).data == data and not measured(data).warning
