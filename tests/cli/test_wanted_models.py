"""The models that a mesh wants before it starts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from dragoman_cli import wanted_models
from dragoman_cli.wanted_models import (
    MODELS,
    RECOGNISER,
    TURN_JUDGE,
    best_target,
    fetch,
    models_settings,
    wanted,
)


def test_a_mesh_hears_with_a_recogniser_and_a_judge_of_turns() -> None:
    assert wanted(MODELS, {}) == list(MODELS)
    assert {RECOGNISER, TURN_JUDGE} < set(MODELS)


def test_a_judge_that_is_switched_off_is_not_fetched() -> None:
    assert TURN_JUDGE not in wanted(MODELS, {"DRAGOMAN_STT_TURNS": ""})
    assert RECOGNISER in wanted(MODELS, {"DRAGOMAN_STT_TURNS": ""})


def test_of_another_recogniser_the_judge_is_still_wanted() -> None:
    found = wanted(MODELS, {"DRAGOMAN_STT_ENGINE": "openai"})
    assert RECOGNISER not in found and TURN_JUDGE in found


def test_the_settings_of_models_are_those_of_the_services(tmp_path: Path) -> None:
    environment = {"DRAGOMAN_MODELS_DIR": str(tmp_path), "DRAGOMAN_STT_ENGINE": "whisper"}
    assert Path(models_settings(environment).dir) == tmp_path


class Ensured:
    """Models that can be had, and what was asked for."""

    def __init__(self, *there: str) -> None:
        self.there, self.asked = there, list[list[str]]()

    def __call__(self, names: Iterable[str], *_: Any) -> bool:
        self.asked.append(list(names))
        return set(self.asked[-1]) <= set(self.there)


@pytest.mark.parametrize(
    ("source", "there", "target"),
    [
        ("en-US", ("en-es",), "es-ES"),
        ("en-US", ("en-pt",), "pt-BR"),
        ("en-US", (), "es-ES"),
        ("pt-BR", ("pt-en",), "en-US"),
    ],
)
def test_the_demo_speaks_the_first_language_with_a_model(
    monkeypatch: pytest.MonkeyPatch, source: str, there: tuple[str, ...], target: str
) -> None:
    monkeypatch.setattr(wanted_models, "ensure", Ensured(*there))
    assert best_target(source, lambda text: None) == target


def test_a_pair_without_any_model_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ensured = Ensured("tlh-es")
    monkeypatch.setattr(wanted_models, "ensure", ensured)
    assert best_target("tlh", lambda text: None) == "es-ES" and not ensured.asked


def test_models_are_fetched_as_far_as_they_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    ensured = Ensured()
    monkeypatch.setattr(wanted_models, "ensure", ensured)
    fetch(["en-pt"], lambda text: None)
    assert ensured.asked == [["en-pt"]]
