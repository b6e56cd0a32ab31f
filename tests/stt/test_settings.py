"""Settings of stt: their variables, defaults and bounds."""

import pytest
from pydantic import ValidationError

from dragoman_stt.settings import SttSettings


def test_they_are_read_from_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_STT_CAPACITY", "3")
    monkeypatch.setenv("DRAGOMAN_STT_OPENAI_MODEL", "large")
    settings = SttSettings()
    assert (settings.capacity, settings.openai.model, settings.engine) == (3, "large", "whisper")


@pytest.mark.parametrize(
    "wrong", [{"capacity": 0}, {"max_load": 1.5}, {"beam": 11}, {"idle_s": 0}, {"openai": {"format": "text"}}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SttSettings(**wrong)  # type: ignore[arg-type]
