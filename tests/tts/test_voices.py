"""Which voice speaks, and how fast."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError
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


@pytest.mark.parametrize("language", ["zh", "zh-Hans", "zh-TW", "cmn", "no", "nb-NO", "iw", "in", "fil"])
def test_an_alias_finds_the_voice_of_its_language(language: str) -> None:
    tags = ("cmn-latn-pinyin", "cmn", "nn", "nb", "he", "id", "tl")
    voices = [Voice(tag, tag, "male", 22_050, "espeak") for tag in tags]
    found = {"zh": "cmn", "cm": "cmn", "no": "nb", "nb": "nb", "iw": "he", "in": "id", "fi": "tl"}
    assert pick(voices, language, ())[0].id == found[language[:2]]


def test_a_language_that_stands_for_another_is_the_last_resort() -> None:
    voices = [Voice("nn", "nn", "", 22_050, "piper"), Voice("nb", "nb", "", 22_050, "espeak")]
    assert pick(voices, "no", ())[0].id == "nb"
    assert pick(voices[:1], "no", ())[0].id == "nn"


def test_a_choice_holds_for_its_language_and_not_for_another_region() -> None:
    slow = VoiceChoice(language="en", rate=0.5)
    quick = VoiceChoice(language="en-GB", rate=2.0)
    assert pick(VOICES, "en-US", (quick, slow))[1] == 0.5
    assert pick(VOICES, "en-GB", (slow, quick))[1] == 2.0
    assert pick(VOICES, "en-US", (quick,))[1] == 1.0


@pytest.mark.parametrize(
    ("name", "language", "voice"),
    [
        ("en-US-GuyNeural", "en-GB", "e-gb"),
        ("en-US-JennyNeural", "en-GB", "e-us"),
        ("zh-TW-HsiaoChenNeural", "en-GB", "e-us"),  # a woman's voice, of the language that is spoken
        ("en-US-NobodyNeural", "en-US", "p-joe"),
    ],
)
def test_a_common_name_that_no_voice_has_is_one_of_its_gender(name: str, language: str, voice: str) -> None:
    assert pick(VOICES, language, (VoiceChoice(voice=name),))[0].id == voice


def test_a_voice_of_a_common_name_goes_before_those_of_its_gender() -> None:
    hosted = Voice("en-US-GuyNeural", "en-US", "male", 24_000, "openai")
    assert pick([*VOICES, hosted], "en-US", (VoiceChoice(voice="en-US-GuyNeural"),))[0] is hosted


def test_another_name_that_no_voice_has_is_refused() -> None:
    with pytest.raises(PeerError) as refused:
        pick(VOICES, "en-US", (VoiceChoice(voice="nobody"),))
    assert refused.value.code is FaultCode.UNSUPPORTED_VOICE
