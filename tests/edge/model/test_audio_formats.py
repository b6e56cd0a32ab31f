"""Encodings and formats of a dialect's audio."""

import pytest

from dragoman_edge.model.audio_formats import RATES, AudioFormat, Encoding


@pytest.mark.parametrize(
    ("encoding", "channels", "size"),
    [
        (Encoding.PCM_S16LE, 1, 2),
        (Encoding.PCM_S16LE, 2, 4),
        (Encoding.FLOAT32LE, 1, 4),
        (Encoding.FLOAT32LE, 2, 8),
        (Encoding.PCM_U8, 2, 2),
        (Encoding.MULAW, 1, 1),
        (Encoding.ALAW, 2, 2),
    ],
)
def test_a_frame_is_one_sample_of_every_channel(encoding: Encoding, channels: int, size: int) -> None:
    assert AudioFormat(encoding, 8000, channels).bytes_per_frame == size


def test_every_encoding_has_a_width() -> None:
    assert all(AudioFormat(encoding).bytes_per_frame in (1, 2, 4) for encoding in Encoding)


def test_the_default_is_what_the_mesh_has_inside() -> None:
    assert AudioFormat() == AudioFormat(Encoding.PCM_S16LE, 16_000, 1) and 16_000 in RATES
