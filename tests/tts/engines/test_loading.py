"""Synthesisers are found by name, and what is missing is named with its remedy."""

import pytest

from dragoman_tts.engines import EngineError, load
from dragoman_tts.settings import TtsSettings


def test_the_engines_come_in_the_order_of_the_setting() -> None:
    assert [engine.name for engine in load(TtsSettings(engines="espeak, piper,"))] == ["espeak", "piper"]


def test_an_unknown_engine_is_named_with_those_there_are() -> None:
    with pytest.raises(EngineError, match=r"'babel' is not installed; there are: .*espeak"):
        load(TtsSettings(engines="babel"))


def test_a_hosted_engine_needs_an_address_and_voices_that_are_understood() -> None:
    with pytest.raises(EngineError, match="set DRAGOMAN_TTS_OPENAI_URL"):
        load(TtsSettings(engines="openai"))
    wrong = {"url": "http://127.0.0.1:1/v1", "voices": "a:b:c:d"}
    with pytest.raises(EngineError, match="DRAGOMAN_TTS_OPENAI_VOICES: 'a:b:c:d' is not"):
        load(TtsSettings.model_validate({"engines": "openai", "openai": wrong}))
    (engine,) = load(TtsSettings.model_validate({"engines": "openai", "openai": wrong | {"voices": "nova"}}))
    assert engine.name == "openai"
