"""Settings of tts: their variables, defaults and bounds."""

import pytest
from pydantic import ValidationError

from dragoman_tts.settings import TtsSettings


def test_they_are_read_from_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_TTS_ENGINES", "espeak")
    monkeypatch.setenv("DRAGOMAN_TTS_OPENAI_VOICES", "nova:female:es")
    settings = TtsSettings()
    assert (settings.engines, settings.openai.voices) == ("espeak", "nova:female:es")
    assert settings.openai.url == "" and not settings.openai.only_named


@pytest.mark.parametrize(
    "wrong", [{"concurrency": 0}, {"concurrency": 65}, {"chunk_ms": 10}, {"openai": {"format": "mp3"}}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TtsSettings(**wrong)  # type: ignore[arg-type]
