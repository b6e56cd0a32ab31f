"""A part of what was heard has its own words and its own confidence."""

import numpy as np
import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_stt.context import after_seam
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.policy import Kind, Order, Request
from dragoman_stt.words import confidence, until

WORDS = tuple(HeardWord(f" w{n}", n * 500, n * 500 + 400, p) for n, p in enumerate((0.2, 0.2, 0.9, 0.4)))
ORDER = Order(rpc.RecogniserSpec(), ev.WorkOrder())
HEARD = Hypothesis("w0 w1 w2 w3", "en", 1.0, WORDS, 0.35)


def test_the_confidence_of_words_is_their_geometric_mean() -> None:
    assert confidence(WORDS[2:]) == pytest.approx(0.6)
    assert confidence(()) == 0.0
    assert confidence((HeardWord("x", 0, 1, 0.0),)) == pytest.approx(0.0, abs=1e-5)


def test_what_stands_behind_the_utterance_before_has_none_of_its_confidence() -> None:
    window = Request(Kind.FINAL, 0, np.zeros(16_000, np.int16), 16_000, ORDER)
    found = after_seam(HEARD, 1000, window)
    assert found is not None
    assert (found.text, found.confidence) == ("W2 w3", pytest.approx(0.6))


def test_what_is_cut_off_leaves_the_rest_its_own_confidence() -> None:
    assert (until(HEARD, 2).text, until(HEARD, 2).confidence) == ("w0 w1", pytest.approx(0.2))
