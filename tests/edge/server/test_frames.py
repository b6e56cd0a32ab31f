"""Headers of websocket frames, whole and cut off."""

import pytest

from dragoman_edge.server import frames
from tests.support.sockets import BINARY, CONT, PING, TEXT, frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 300, 65_535, 65_536])
def test_the_payload_is_found_behind_a_header_of_any_length(length: int) -> None:
    data = b"before" + frame(BINARY, bytes(range(256)) * (length // 256) + bytes(length % 256))
    found = frames.payload(data, 6)
    assert found is not None and found[1] == len(data) and found[1] - found[0] == length
    assert frames.unmasked(data, *found) == bytes(range(256)) * (length // 256) + bytes(length % 256)
    for cut in range(found[0] - 6):
        assert frames.payload(data[: 6 + cut], 6) is None


def test_a_frame_without_a_mask_has_a_shorter_header() -> None:
    assert frames.payload(frame(BINARY, b"abc", mask=False), 0) == (2, 5)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (frame(BINARY, b"a"), True),
        (frame(BINARY), True),
        (frame(BINARY, b"a", fin=False), False),
        (frame(BINARY, b"a", mask=False), False),
        (frame(TEXT, b"a"), False),
        (frame(CONT, b"a"), False),
        (frame(PING, b"a"), False),
        (bytes([0xC2]) + frame(BINARY, b"a")[1:], False),  # an extension's
    ],
    ids=["whole", "empty", "a part", "no mask", "text", "a rest", "ping", "an extension's"],
)
def test_a_whole_binary_message_is_told_from_other_frames(data: bytes, whole: bool) -> None:
    assert frames.is_binary_message(data, 0) is whole


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_a_message_of_ours_is_one_frame_without_a_mask(length: int) -> None:
    assert frames.message(bytes(length)) == frame(BINARY, bytes(length), mask=False)
    assert frames.message("é" * (length // 2)) == frame(TEXT, "é".encode() * (length // 2), mask=False)
