"""Settings: unknown and bad variables are refused with a message that helps and holds no secret."""

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import CommonSettings, ServiceSettings, load, unknown_variables


class SttSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_STT_", extra="ignore")
    capacity: int = Field(4, ge=1)


def test_a_misspelled_variable_is_named_with_the_right_one() -> None:
    problems = unknown_variables({"DRAGOMAN_STT_CAPACTY": "4"}, (SttSettings,))
    assert problems == ["DRAGOMAN_STT_CAPACTY is unknown; did you mean DRAGOMAN_STT_CAPACITY?"]


def test_the_variables_of_another_service_and_of_others_are_left_alone() -> None:
    assert unknown_variables({"DRAGOMAN_TTS_PORT": "1", "PATH": "/bin"}, (SttSettings,)) == []


def test_a_bad_value_ends_the_start_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRAGOMAN_STT_CAPACITY", "hunter2")
    with pytest.raises(SystemExit) as caught:
        load(SttSettings)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "DRAGOMAN_STT_CAPACITY" in said
    assert "hunter2" not in said


def test_good_values_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_STT_CAPACITY", "7")
    monkeypatch.setenv("DRAGOMAN_NATS_URL", "nats://bus:4222")
    stt, common = load(SttSettings, CommonSettings)
    assert (stt.capacity, common.nats_url) == (7, "nats://bus:4222")
