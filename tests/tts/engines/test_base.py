"""What makes a synthesiser a hosted one."""

import dataclasses

import pytest

from dragoman_tts.engines.base import HostedSynthesiser, Voice
from dragoman_tts.engines.espeak import Espeak
from dragoman_tts.engines.openai import OpenAI


def test_a_hosted_synthesiser_says_whether_it_is_reserved() -> None:
    hosted = OpenAI.__new__(OpenAI)
    hosted.only_named = True
    assert isinstance(hosted, HostedSynthesiser)
    assert not isinstance(Espeak(), HostedSynthesiser)


def test_a_voice_is_a_value() -> None:
    voice = Voice("v", "es", "", 16_000, "e")
    assert voice == Voice("v", "es", "", 16_000, "e") and len({voice, voice}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        voice.rate = 1  # type: ignore[misc]
