"""What decodes cost by the model of it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from tests.bench.peers.modelled import Costs, aligning, encoding, generating

MADE: Any = SimpleNamespace(tokens=[1] * 10)


def test_work_is_done_and_its_cost_counted() -> None:
    costs = Costs()
    double = costs.counted(lambda number: 2 * number, lambda result, number: result + number)
    assert (double(2), double(1), costs.spent()) == (4, 2, 9)


def test_a_window_costs_by_its_length_and_no_less_than_the_shortest() -> None:
    second = np.zeros(SAMPLE_RATE, np.float32)
    assert encoding(None, second, 1.5) == encoding(None, second[:10], 1.5)
    more = encoding(None, np.tile(second, 10), 1.5) - encoding(None, np.tile(second, 9), 1.5)
    assert more == pytest.approx(0.02)


def test_a_text_costs_by_its_tokens_and_more_with_a_wider_beam() -> None:
    narrow, wide, whole = (generating(MADE, None, 1.0, None, *how) for how in ((1, 0), (4, 0), (4, 1)))
    assert narrow < wide < whole
    assert aligning(None, None, None, [1] * 9, 0.0) < aligning(None, None, None, [1] * 10, 0.0)
