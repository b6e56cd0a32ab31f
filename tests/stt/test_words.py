"""A part of what was heard has its own words and its own confidence."""

import pytest

from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.words import confidence, until

WORDS = tuple(HeardWord(f" w{n}", n * 500, n * 500 + 400, p) for n, p in enumerate((0.2, 0.2, 0.9, 0.4)))
HEARD = Hypothesis("w0 w1 w2 w3", "en", 1.0, WORDS, 0.35)


def test_the_confidence_of_words_is_their_geometric_mean() -> None:
    assert confidence(WORDS[2:]) == pytest.approx(0.6)
    assert confidence(()) == 0.0
    assert confidence((HeardWord("x", 0, 1, 0.0),)) == pytest.approx(0.0, abs=1e-5)


def test_what_is_cut_off_leaves_the_rest_its_own_confidence() -> None:
    assert until(HEARD, 2).text == "w0 w1"
    assert until(HEARD, 2).confidence == pytest.approx(0.2)
