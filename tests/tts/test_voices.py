"""Which voice speaks, and how fast."""

import pytest

from dragoman_contract.events import EngineChoice, VoiceChoice
from dragoman_tts.engines.base import Voice
from dragoman_tts.voices import pick

VOICES = [
    Voice("p-joe", "en-US", "male", 22_050, "piper"),
    Voice("e-gb", "en-GB", "male", 22_050, "espeak"),
    Voice("e-us", "en-US", "female", 22_050, "espeak"),
]


def test_the_first_of_the_region_speaks() -> None:
    assert pick(VOICES, "en-GB", ())[0].id == "e-gb"
    assert pick(VOICES, "en", (VoiceChoice(voice="female"),))[0].id == "e-us"


def test_the_voices_of_the_ordered_engine_go_first() -> None:
    ordered = EngineChoice(engine="espeak")
    assert pick(VOICES, "en-US", (VoiceChoice(voice="male"),), ordered)[0].id == "e-gb"
    assert pick(VOICES, "en-US", (VoiceChoice(voice="p-joe"),), ordered)[0].id == "p-joe"
    assert pick(VOICES, "en-US", (), EngineChoice(engine="nobody's"))[0].id == "p-joe"


@pytest.mark.parametrize(
    ("told", "speed"), [("1.25", 1.25), ("fast", 1.0), ("nan", 0.25), ("99", 4.0), ("", 1.0)]
)
def test_the_ordered_speed_counts_where_the_session_says_none(told: str, speed: float) -> None:
    ordered = EngineChoice(settings={"speed": told})
    assert pick(VOICES, "en", (), ordered)[1] == speed
    assert pick(VOICES, "en", (VoiceChoice(rate=2.0),), ordered)[1] == 2.0
