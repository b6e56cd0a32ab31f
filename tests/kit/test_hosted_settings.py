"""Settings of hosted engines: part of a service's, refused when they cannot be meant."""

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from dragoman_kit.hosted import HostedSettings
from dragoman_kit.settings import ServiceSettings, load, unknown_variables


class FarSettings(HostedSettings):
    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TTS_FAR_", extra="ignore")


class TtsSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TTS_", extra="ignore")
    far: FarSettings = Field(default_factory=FarSettings)


def test_the_parts_of_a_services_settings_are_read_and_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_TTS_FAR_URL", "https://speech.example.com/v1/")
    monkeypatch.setenv("DRAGOMAN_TTS_FAR_KEY", "sk-1\n")
    (settings,) = load(TtsSettings)
    assert settings.far.url == "https://speech.example.com/v1"
    assert settings.far.key == SecretStr("sk-1")
    problems = unknown_variables({"DRAGOMAN_TTS_FAR_ULR": "", "DRAGOMAN_TTS_FAR_URL": ""}, (TtsSettings,))
    assert problems == ["DRAGOMAN_TTS_FAR_ULR is unknown; did you mean DRAGOMAN_TTS_FAR_URL?"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "ftp://hunter2"),
        ("URL", "https://me:hunter2@example.com"),
        ("URL", "https://example.com/?key=hunter2"),
        ("KEY", "hunter2 hunter2"),
        ("KEY", "hunter2ß"),
        ("TIMEOUT_S", "hunter2"),
    ],
)
def test_what_cannot_be_meant_ends_the_start_and_is_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"DRAGOMAN_TTS_FAR_{name}", value)
    with pytest.raises(SystemExit):
        load(TtsSettings)
    said = capsys.readouterr().err
    assert said.count(f"DRAGOMAN_TTS_FAR_{name}") == 1
    assert "hunter2" not in said
