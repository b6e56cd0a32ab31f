"""WeSpeaker's voices lie where the thresholds are, whatever is said to it."""

import base64
from pathlib import Path

import numpy as np
import pytest

from dragoman_stt.engines.base import Audio
from dragoman_stt.engines.fbank import FRAME
from dragoman_stt.engines.wespeaker import LONGEST, SHARE, WeSpeaker, levelled
from dragoman_stt.speakers import SAME

# An ONNX model of the same form whose `embs` are the highest of `feats` over time.
LOUDEST = (
    "CAgSADpuCjYKBWZlYXRzEgRlbWJzIglSZWR1Y2VNYXgqCwoEYXhlc0ABoAEHKg8KCGtlZXBkaW1zGACgAQISAWdaGQoFZmVhdHMSEAoO"
    "CAESCgoCCAEKAAoCCFBiFgoEZW1icxIOCgwIARIICgIIAQoCCFBCBAoAEA0="
)


@pytest.fixture
def encoder(tmp_path: Path) -> WeSpeaker:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(base64.b64decode(LOUDEST))
    return WeSpeaker(weights)


def noise(samples: int, loudness: float = 0.1) -> Audio:
    made: Audio = (np.random.default_rng(1).standard_normal(samples) * loudness).astype(np.float32)
    return made


@pytest.mark.parametrize("samples", [0, 100, 400, 16_000, 3 * LONGEST], ids=str)
def test_whatever_is_said_there_is_a_voice(encoder: WeSpeaker, samples: int) -> None:
    voice = encoder.voice(noise(samples))
    assert voice.shape == (81,) and np.isfinite(voice).all()
    assert np.linalg.norm(voice) == pytest.approx(1 if samples > FRAME else np.sqrt(SHARE), abs=1e-5)


def test_the_loudness_of_a_microphone_is_no_part_of_a_voice(encoder: WeSpeaker) -> None:
    loud, quiet = encoder.voice(noise(16_000)), encoder.voice(noise(16_000, 0.025))
    assert loud.tolist() == pytest.approx(quiet.tolist(), abs=1e-3)


def test_two_voices_are_the_same_from_a_cosine_of_two_fifths_on() -> None:
    one = np.array([1, 0], np.float32)
    for cosine, same in ((0.39, False), (0.42, True)):
        other = np.array([cosine, np.sqrt(1 - cosine**2)], np.float32) * 3
        assert (float(levelled(one) @ levelled(other)) >= SAME) == same


def test_nothing_is_no_voice_and_no_error() -> None:
    assert levelled(np.zeros(2, np.float32)).tolist() == pytest.approx([0, 0, np.sqrt(0.43)])
