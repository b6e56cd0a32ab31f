"""Common names of voices say a language and a gender."""

import pytest

from dragoman_contract.common_voices import CommonVoice, common_voice, wanted_gender


@pytest.mark.parametrize(
    ("name", "language", "gender"),
    [
        ("en-US-GuyNeural", "en-US", "male"),
        ("en-US-JennyNeural", "en-US", "female"),
        ("zh-TW-HsiaoChenNeural", "zh-TW", "female"),
        ("zh-TW-YunJheNeural", "zh-TW", "male"),
        ("es-ES-AlvaroNeural", "es-ES", "male"),
        ("zh-CN-liaoning-XiaobeiNeural", "zh-CN-liaoning", "female"),
        ("sr-latn-rs-NicholasNeural", "sr-Latn-RS", "male"),
        ("fil-PH-BlessicaNeural", "fil-PH", "female"),
        ("en-US-JennyMultilingualV2Neural", "en-US", "female"),
        ("en-US-BrianMultilingualNeural", "en-US", "male"),
        ("en-US-Ava:DragonHDLatestNeural", "en-US", "female"),
    ],
)
def test_a_common_name_says_a_language_and_a_gender(name: str, language: str, gender: str) -> None:
    assert common_voice(name) == CommonVoice(language, gender)
    assert wanted_gender(name) == gender


def test_a_first_name_counts_in_its_own_language_alone() -> None:
    assert common_voice("fr-FR-JeanNeural") == CommonVoice("fr-FR", "male")
    assert common_voice("en-US-JeanNeural") == CommonVoice("en-US", "")


@pytest.mark.parametrize("name", ["en-US-NobodyNeural", "tlh-QO-WorfNeural"])
def test_an_unknown_name_of_the_form_is_any_voice(name: str) -> None:
    assert wanted_gender(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "espeak-es-male", "GuyNeural", "en-GuyNeural", "en-US-Neural", "en-US-Guy", "en-US-GuyNeural ",
        "en-US-GuyNeural\n", "en-" * 40 + "GuyNeural", "en-US-" + "x" * 5000 + "Neural",
        "abc-abcdefgh-abcdefgh-abcdefgh-abcdefgh-GuyNeural", "\u00e9n-US-GuyNeural",
    ],
    ids=lambda name: name[:40],
)  # fmt: skip
def test_another_form_says_nothing(name: str) -> None:
    assert common_voice(name) is None
    assert wanted_gender(name) is None


@pytest.mark.parametrize("choice", ["", "male", "female"])
def test_a_gender_is_itself(choice: str) -> None:
    assert wanted_gender(choice) == choice
