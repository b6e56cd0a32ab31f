"""Whether a pause ends the utterance, by the judgements of it."""

import pytest

from dragoman_stt.turns import TurnRule

RULE = TurnRule(ask_ms=160, sure=0.9, unsure=0.3, wait_ms=1300)


@pytest.mark.parametrize(
    ("judged", "silence_ms", "over"),
    [
        ([], 160, False),
        ([0.9], 160, True),
        ([0.89], 160, False),
        ([0.89, 0.6], 320, True),  # the longer the silence, the less sure
        ([0.6, 0.7], 320, False),
        ([0.4, 0.6, 0.6], 480, True),
        ([0.3, 0.3, 0.3], 480, False),
        ([0.3, 0.3, 0.3, 0.35], 800, True),
        ([0.0, 0.0, 0.0, 0.0], 800, False),
    ],
)
def test_all_judgements_of_a_pause_count(judged: list[float], silence_ms: int, over: bool) -> None:
    assert RULE.over(judged, silence_ms) is over


def test_one_sure_judgement_after_others_ends_nothing() -> None:
    assert not RULE.over([0.02, 0.95], 320)
    assert not RULE.over([0.02, 0.02, 0.95], 480)


def test_where_even_a_certain_judgement_would_end_nothing_none_is_needed() -> None:
    assert not RULE.possible([0.3], 320)
    assert RULE.possible([0.3], 480)


def test_only_later_looks_may_end_what_is_no_whole_sentence() -> None:
    assert not RULE.certain([0.99] * 2, 320)
    assert RULE.certain([0.99] * 2, 480)
    assert not RULE.certain([0.95] * 4, 800)
    assert not RULE.certain([], 800)


def test_nobody_is_asked_when_the_silence_ends_the_utterance_anyway() -> None:
    assert RULE.looks == (160, 320, 480, 800)
    assert TurnRule(ask_ms=320, wait_ms=900).looks == (320, 640)
