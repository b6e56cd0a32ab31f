"""Settings of translation: their variables, defaults and bounds."""

import pytest
from pydantic import ValidationError

from dragoman_translation.settings import TranslationSettings


def test_they_are_read_from_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_TRANSLATION_ENGINES", "apertium")
    monkeypatch.setenv("DRAGOMAN_TRANSLATION_DEEPL_KEY", "k:fx")
    settings = TranslationSettings()
    assert settings.engines == "apertium" and settings.deepl.key.get_secret_value() == "k:fx"
    assert settings.openai.url == ""


@pytest.mark.parametrize(
    "wrong", [{"concurrency": 0}, {"within_ms": 0}, {"bergamot_processes": 65}, {"ctranslate2_memory_mb": 1}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        TranslationSettings(**wrong)  # type: ignore[arg-type]
