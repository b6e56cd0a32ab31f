"""How long a pause may last, by the judgement of it."""

import pytest

from dragoman_stt.turns import TurnRule

RULE = TurnRule(ask_ms=192, sure=0.9, unsure=0.5, wait_ms=1300)


@pytest.mark.parametrize(
    ("finished", "silence_ms"),
    [(1.0, 192), (0.9, 192), (0.89, 0), (0.5, 0), (0.49, 1300), (0.0, 1300)],
)
def test_who_has_finished_is_not_waited_for_and_who_goes_on_is(finished: float, silence_ms: int) -> None:
    assert RULE.silence_ms(finished) == silence_ms


@pytest.mark.parametrize("nonsense", [None, float("nan"), -0.1, 1.1, float("inf")])
def test_what_is_no_probability_leaves_the_usual_silence(nonsense: float | None) -> None:
    assert RULE.silence_ms(nonsense) == 0
