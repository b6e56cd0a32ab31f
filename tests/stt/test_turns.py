"""Verdicts on a pause, by the judgement of it."""

import pytest

from dragoman_stt.turns import TurnRule, Verdict

RULE = TurnRule(sure=0.9, unsure=0.3)


@pytest.mark.parametrize(
    ("finished", "verdict"),
    [
        (1.0, Verdict.OVER),
        (0.9, Verdict.OVER),
        (0.89, Verdict.OPEN),
        (0.3, Verdict.OPEN),
        (0.29, Verdict.GOES_ON),
        (0.0, Verdict.GOES_ON),
    ],
)
def test_who_has_finished_is_not_waited_for_and_who_goes_on_is(finished: float, verdict: Verdict) -> None:
    assert RULE.verdict(finished) is verdict


@pytest.mark.parametrize("nonsense", [float("nan"), -0.1, 1.1, float("inf")])
def test_what_is_no_probability_leaves_the_pause_open(nonsense: float) -> None:
    assert RULE.verdict(nonsense) is Verdict.OPEN
