"""Uploaded files in the real process that decodes them."""

import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from dragoman_archive.recordings import ogg
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.media import decoding

pytestmark = pytest.mark.integration
HOUR_MS = 3_600_000
FRAMES_OF_AN_HOUR = 60_000


@pytest.fixture
def bomb() -> Iterator[BinaryIO]:
    """Hours of silence in 600 KB: of Ogg Opus, which has few bytes for it."""
    pages = FRAMES_OF_AN_HOUR // ogg.MOST_FRAMES
    with tempfile.TemporaryFile() as file:
        file.write(ogg.head(1))
        for number in range(1, pages + 1):
            granule = number * ogg.MOST_FRAMES * ogg.FRAME * ogg.GRANULES
            file.write(ogg.page(ogg.silence(ogg.MOST_FRAMES), granule, 1, number + 1, 0))
        file.seek(0)
        yield file


async def test_more_silence_than_is_allowed_is_refused_without_being_decoded_to_its_end(
    bomb: BinaryIO,
) -> None:
    assert bomb.seek(0, 2) < 600_000
    with pytest.raises(PeerError) as caught:
        await decoding.length_ms(bomb, HOUR_MS // 60)
    assert caught.value.code == FaultCode.TOO_LONG


async def test_an_hour_of_silence_is_an_hour(bomb: BinaryIO) -> None:
    assert abs(await decoding.length_ms(bomb, 2 * HOUR_MS) - HOUR_MS) < 1000
