"""Fields of actions as values; what is wrong is a `Problem` with the API's code."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from dragoman_edge.dialects.vas import messages, parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.settings import Voice, Words


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: parsing.read(messages.TtsMode, {"mode": "x"}), "invalid_request"),
        (lambda: parsing.language("!!"), "language_not_supported"),
        (lambda: parsing.languages(["en", "!!"]), "language_not_supported"),
        (lambda: parsing.voices({"!!": messages.VoiceConfig()}), "language_not_supported"),
        (lambda: parsing.number("0"), "speaker_not_found"),
        (lambda: parsing.number("3"), "speaker_not_found"),
        (lambda: parsing.samples("*"), "audio_data_invalid"),
        (lambda: parsing.samples("AA=="), "audio_data_invalid"),
        (lambda: parsing.samples("\u00e9"), "audio_data_invalid"),
        (lambda: parsing.whole(b"abc"), "audio_data_invalid"),
    ],
)
def test_what_is_wrong_has_the_code_of_the_api(wrong: Callable[[], Any], code: str) -> None:
    with pytest.raises(Problem) as problem:
        wrong()
    assert problem.value.code == code and problem.value.severity == "error"


def test_the_field_that_is_wrong_is_named_without_its_value() -> None:
    with pytest.raises(Problem) as problem:
        parsing.read(messages.Sentence, {"sid": "secret"})
    assert problem.value.message.startswith("sid: ") and "secret" not in problem.value.message


def test_what_a_client_calls_its_fields_is_sent_back_only_so_far() -> None:
    with pytest.raises(Problem) as problem:
        parsing.read(messages.Start, {"tts_config": {"e" * 30: {"speaking_rate": 9}}, "type": "x" * 999})
    assert len(problem.value.message) <= parsing.LONGEST_REASON
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Problem):
        parsing.read(messages.Config, {"terminology": deep})


def test_languages_are_canonical_and_each_once() -> None:
    assert parsing.languages(["EN_us", "en-US", "es"]) == ("en-US", "es")
    assert parsing.voices({"es_es": messages.VoiceConfig(voice="male", speaking_rate=1.5)}) == (
        ("es-ES", Voice("male", 1.5)),
    )


def test_a_speaker_of_a_conversation_is_the_first_or_the_second() -> None:
    assert (parsing.number("1"), parsing.number("2")) == (1, 2)
    with pytest.raises(Problem) as problem:
        parsing.number("3")
    assert problem.value.context == "speaker"


def test_samples_are_whole() -> None:
    assert parsing.samples(base64.b64encode(b"abcd").decode()) == b"abcd"
    assert parsing.whole(b"") == b"" and parsing.whole(b"ab") == b"ab"


def test_words_that_are_not_named_stay() -> None:
    known = Words(("a",), (("b", "c"),), (("d", "e"),))
    config = messages.Config.model_validate({"translation_dict": {"x": "y"}})
    assert parsing.words(known, config) == (
        Words(("a",), (("b", "c"),), (("x", "y"),)),
        ["translation_dict"],
    )
    nothing: dict[str, Any] = {"terminology": [], "fuzzy_correction": [], "translation_dict": []}
    config = messages.Config.model_validate(nothing)
    assert parsing.words(known, config) == (
        Words(),
        ["terminology", "fuzzy_correction", "translation_dict"],
    )
    assert parsing.words(known, messages.Config()) == (known, [])
