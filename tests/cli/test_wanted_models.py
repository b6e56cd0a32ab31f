"""Models that a mesh and the demo want before they start."""

from pathlib import Path

import pytest

from dragoman_cli import wanted_models as module
from dragoman_cli.wanted_models import MODELS, best_target, fetch, models_settings, wanted


def test_a_recogniser_is_fetched_only_where_it_hears() -> None:
    assert wanted(MODELS, {}) == list(MODELS)
    assert "base" not in wanted(MODELS, {"DRAGOMAN_STT_ENGINE": "openai"})


def test_settings_are_those_that_services_will_have() -> None:
    made = models_settings({"DRAGOMAN_MODELS_DIR": "/m", "DRAGOMAN_MODELS_FETCH": "false", "OTHER": "x"})
    assert (made.folder, made.fetch) == (Path("/m"), False)


def test_the_demo_speaks_the_first_language_that_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ensure(names: list[str], *_: object) -> bool:
        asked.extend(names)
        return "pt" in names[0]

    monkeypatch.setattr(module, "ensure", ensure)
    assert best_target("en-US", print) == "pt-BR" and asked == ["en-es", "en-pt"]
    assert best_target("es", print) == "pt-BR"
    monkeypatch.setattr(module, "ensure", lambda *_: False)
    assert best_target("en", print) == "es-ES" and best_target("tlh", print) == "es-ES"
    fetch(["en-es"], print)
