"""The judge of turns hears whether a sentence is over."""

import numpy as np
import pytest

from dragoman_stt import engines
from dragoman_stt.engines.smart_turn import WINDOW, framed
from dragoman_stt.settings import SttSettings
from tests.stt.speech import audio, said

HUSH = np.zeros(3072, np.float32)  # the silence after which it is asked


def test_the_last_seconds_are_heard_with_silence_in_front() -> None:
    made = framed(np.array([0.5, -0.5], np.float32))
    assert len(made) == WINDOW
    assert made[-2:] == pytest.approx([253, -253], abs=5)  # of variance 1 altogether
    assert not made[:-2].any()


def test_of_longer_audio_the_end_is_heard() -> None:
    long = np.arange(WINDOW + 100, dtype=np.float32)
    made = framed(long)
    assert np.argmax(made) == WINDOW - 1
    assert (made.mean(), made.std()) == pytest.approx((0, 1), abs=1e-3)


def test_silence_can_be_heard() -> None:
    assert not framed(np.zeros(0, np.float32)).any()


@pytest.mark.integration
def test_a_whole_sentence_is_over_and_a_half_is_not() -> None:
    judge = engines.turn_judge(SttSettings())
    assert judge is not None
    whole = audio(said())
    half = audio(said("The train to the coast was late again, so we"))
    assert judge.finished(np.concatenate([whole, HUSH])) > 0.9
    assert judge.finished(np.concatenate([half, HUSH])) < 0.5


@pytest.mark.integration
def test_silence_has_a_probability_too() -> None:
    judge = engines.turn_judge(SttSettings())
    assert judge is not None
    assert 0 <= judge.finished(np.zeros(WINDOW, np.float32)) <= 1
