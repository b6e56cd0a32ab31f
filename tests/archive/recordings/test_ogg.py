"""Pages of Ogg: another reader takes them."""

import numpy as np
import pytest

from dragoman_archive.recordings import ogg
from tests.support.audio_pieces import decoded


def test_a_file_of_silence_is_read_by_ffmpeg_as_silence() -> None:
    pages = [ogg.page(ogg.silence(80), 80 * 2880, 7, 2), ogg.page(ogg.silence(3), 83 * 2880, 7, 3, ogg.END)]
    heard = decoded(ogg.head(7) + b"".join(pages))
    assert len(heard) == 83 * ogg.FRAME - ogg.DELAY and np.abs(heard).max() <= 1


def test_a_checksum_is_that_of_the_standard() -> None:
    page = ogg.page(ogg.body([b"x"]), 0, 1, 0, ogg.BEGIN)
    crc = 0  # bit by bit, as RFC 3533 has it
    for byte in page[:22] + bytes(4) + page[26:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    assert int.from_bytes(page[22:26], "little") == crc


@pytest.mark.parametrize("size", [1, 254, 255, 256, 510])
def test_a_packet_of_any_size_is_told_from_the_next(size: int) -> None:
    body = ogg.body([bytes(size), b"y"])
    lacing = body[1 : 1 + body[0]]
    assert sum(lacing) == size + 1 and lacing[-1] == 1 and lacing[-2] == size % 255


@pytest.mark.parametrize("packets", [[], [bytes(255)] * 128, [b"x"] * 256])
def test_what_fills_no_page_is_refused(packets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="one page"):
        ogg.body(packets)


def test_the_size_of_a_page_is_known_from_its_body() -> None:
    body = ogg.body([b"abc", bytes(300)])
    assert len(ogg.page(body, 1, 2, 3)) == ogg.page_size(len(body))
