"""The models that a mesh wants before it starts."""

from dragoman_cli.wanted_models import MODELS, RECOGNISER, TURN_JUDGE, wanted


def test_a_mesh_hears_with_a_recogniser_and_a_judge_of_turns() -> None:
    assert wanted(MODELS, {}) == list(MODELS)
    assert {RECOGNISER, TURN_JUDGE} < set(MODELS)


def test_a_judge_that_is_switched_off_is_not_fetched() -> None:
    assert TURN_JUDGE not in wanted(MODELS, {"DRAGOMAN_STT_TURNS": ""})
    assert RECOGNISER in wanted(MODELS, {"DRAGOMAN_STT_TURNS": ""})


def test_of_another_recogniser_the_judge_is_still_wanted() -> None:
    found = wanted(MODELS, {"DRAGOMAN_STT_ENGINE": "openai"})
    assert RECOGNISER not in found and TURN_JUDGE in found
