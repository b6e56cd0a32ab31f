"""Recognisers, voice activity and noise suppressors are found by name."""

import pytest

from dragoman_models.errors import ModelError
from dragoman_stt import engines
from dragoman_stt.settings import SttSettings


def test_what_is_installed_is_found_by_its_name() -> None:
    assert engines.recogniser(SttSettings(engine="scripted")).name == "scripted"
    assert engines.activity(SttSettings(vad="scripted")) is not None


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    for ask in (
        lambda: engines.recogniser(SttSettings(engine="babel")),
        lambda: engines.activity(SttSettings(vad="babel")),
        lambda: engines.suppressor(SttSettings(denoise="babel")),
        lambda: engines.speaker_encoder(SttSettings(speakers="babel")),
    ):
        with pytest.raises(engines.EngineError, match="'babel' is not installed; there are: "):
            ask()


def test_a_hosted_recogniser_needs_an_address() -> None:
    with pytest.raises(engines.EngineError, match="set DRAGOMAN_STT_OPENAI_URL"):
        engines.recogniser(SttSettings(engine="openai"))
    given = {"engine": "openai", "openai": {"url": "http://127.0.0.1:1/v1"}}
    assert engines.recogniser(SttSettings.model_validate(given)).name == "openai"


def test_without_its_package_noise_is_not_suppressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "webrtc_noise_gain", None)
    assert engines.suppressor(SttSettings(denoise="webrtc")) is None
    assert engines.suppressor(SttSettings(denoise="")) is None


def test_whisper_needs_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_FETCH", "false")
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/nothing")
    with pytest.raises(ModelError):
        engines.recogniser(SttSettings(engine="whisper"))


def test_without_its_weights_speakers_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_FETCH", "false")
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/nothing")
    assert engines.speaker_encoder(SttSettings(speakers="resemblyzer")) is None
    assert engines.speaker_encoder(SttSettings(speakers="wespeaker")) is None
    assert engines.speaker_encoder(SttSettings(speakers="")) is None
    assert engines.speaker_encoder(SttSettings(speakers="scripted")) is not None
