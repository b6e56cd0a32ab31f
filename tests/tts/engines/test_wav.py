"""WAV from a network, cut anywhere and hostile."""

import io
import wave
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_tts.engines.wav import LONGEST_HEADER, WavError, WavReader


def wav(channels: int = 1, width: int = 2, rate: int = 24_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((channels, width, rate, 0, "NONE", ""))
        sound.writeframes(np.repeat(np.arange(200, dtype="<i2"), channels).tobytes())
    return out.getvalue()


@given(st.lists(st.integers(0, 400), max_size=20), st.sampled_from([1, 2]))
def test_it_may_be_cut_anywhere(cuts: list[int], channels: int) -> None:
    data, reader = wav(channels) + b"LIST of what comes after", WavReader()
    places = [0, *sorted(cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(places)]
    samples = np.concatenate([reader.feed(part) for part in parts])
    assert samples.tolist() == list(range(200)) and reader.rate == 24_000


@pytest.mark.parametrize(
    "data",
    [
        b"ID3",
        b"RIFF0000AVI ",
        wav(width=1),
        wav(channels=4),
        wav(rate=100),
        wav()[:12] + b"data" + bytes(100),
        wav()[:12] + b"junk\xff\xff\xff\xff" + bytes(LONGEST_HEADER),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(WavError):
        WavReader().feed(data)


@given(st.binary(max_size=300))
def test_noise_is_refused_or_waited_for(noise: bytes) -> None:
    for data in (noise, b"RIFF1234WAVE" + noise, wav()[:36] + noise):
        try:
            WavReader().feed(data)
        except WavError:
            continue
