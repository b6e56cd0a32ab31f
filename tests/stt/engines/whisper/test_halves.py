"""A window in two halves."""

import numpy as np

from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.engines.whisper.halves import divided, joined, quiet_middle


def test_the_quietest_place_of_the_middle_is_found() -> None:
    samples = np.ones(16_000, np.float32)
    samples[9_000:9_400] = samples[:400] = 0.0
    assert 9_000 <= quiet_middle(samples) <= 9_400


def test_speech_is_divided_at_a_place() -> None:
    assert divided(((0, 400), (600, 1500), (1800, 2000)), 1000) == (
        ((0, 400), (600, 1000)),
        ((0, 500), (800, 1000)),
    )


def test_the_words_of_the_second_half_come_after_those_of_the_first() -> None:
    one = Hypothesis(
        "so it", "en", 1.0, (HeardWord(" so", 0, 100, 1.0), HeardWord(" it", 100, 200, 1.0)), 0.9
    )
    two = Hypothesis("was", "en", 1.0, (HeardWord(" was", 50, 100, 1.0),), 0.5)
    both = joined(one, two, 1000)
    assert both.text == "so it was"
    assert [(word.start_ms, word.end_ms) for word in both.words] == [(0, 100), (100, 200), (1050, 1100)]
    assert both.confidence == 0.5


def test_an_empty_half_changes_nothing() -> None:
    one, none = Hypothesis("so", "en", 1.0, (), 0.9, "so"), Hypothesis("", "en", 1.0)
    assert joined(one, none, 1000).text == "so"
    assert joined(one, none, 1000).confidence == 0.9
    assert joined(one, none, 1000).english == ""
