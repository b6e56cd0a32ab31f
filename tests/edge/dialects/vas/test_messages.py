"""The actions of a client as models: the likely spellings, and the bounds."""

from typing import Any

import pytest
from pydantic import ValidationError

from dragoman_edge.dialects.vas import messages as m
from tests.support.vas_codec import START


@pytest.mark.parametrize(
    ("value", "expected"),
    [(["en"], ["en"]), ("en", ["en"]), ("", []), (None, []), (["en", "es"], ["en", "es"])],
)
def test_a_list_may_be_written_as_a_string(value: Any, expected: list[str]) -> None:
    assert m.Start.model_validate(START | {"translation_languages": value}).translation_languages == expected


@pytest.mark.parametrize(
    "value",
    [
        {"a": "b"},
        [["a", "b"]],
        [{"source": "a", "target": "b"}],
        [{"wrong": "a", "correct": "b"}],
        [{"original": "a", "replacement": "b"}],
        [{"term": "a", "translation": "b"}],
        [{"from": "a", "to": "b", "colour": "red"}],
    ],
)
def test_pairs_may_be_an_object_pairs_or_objects(value: Any) -> None:
    (pair,) = m.Config.model_validate({"translation_dict": value}).translation_dict or []
    assert (pair.source, pair.target) == ("a", "b")


@pytest.mark.parametrize("value", ["x", ["x"], [{"term": "x"}], [{"text": "x"}], [{"word": "x"}]])
def test_terms_may_be_strings_or_objects(value: Any) -> None:
    assert m.Config.model_validate({"terminology": value}).terminology == ["x"]


@pytest.mark.parametrize(
    "data",
    [
        {"terminology": [{"colour": "red"}]},
        {"terminology": [""]},
        {"terminology": ["x"] * 1001},
        {"terminology": ["x" * 201]},
        {"translation_dict": [["a"]]},
        {"translation_dict": [["a", "b", "c"]]},
        {"translation_dict": [["", "b"]]},
        {"fuzzy_correction": "x"},
    ],
)
def test_words_have_bounds(data: Any) -> None:
    with pytest.raises(ValidationError):
        m.Config.model_validate(data)


def test_what_is_absent_is_told_from_what_is_empty() -> None:
    config = m.Config.model_validate({"terminology": [], "translation_dict": {}, "fuzzy_correction": []})
    assert [config.terminology, config.translation_dict, config.fuzzy_correction] == [[], [], []]
    absent = m.Config.model_validate({})
    assert [absent.terminology, absent.translation_dict, absent.fuzzy_correction] == [None] * 3


@pytest.mark.parametrize("speaker", [2, "2"])
def test_a_speaker_is_a_number_or_a_string(speaker: Any) -> None:
    assert m.RenameSpeaker.model_validate({"speaker": speaker, "label": "Ann"}).speaker == "2"


@pytest.mark.parametrize("speaker", [True, "", 1.5, None, "x" * 201])
def test_what_is_no_speaker(speaker: Any) -> None:
    with pytest.raises(ValidationError):
        m.RenameSpeaker.model_validate({"speaker": speaker, "label": "Ann"})


@pytest.mark.parametrize("sid", [0, -1, (1 << 31) + 1, "x", None])
def test_a_sentence_has_a_number(sid: Any) -> None:
    with pytest.raises(ValidationError):
        m.Sentence.model_validate({"sid": sid})


@pytest.mark.parametrize(
    "data",
    [
        {"translation_language": "es"},
        {"target_language": ["es"]},
        {"translation_languages": ["es"]},
    ],
)
def test_the_new_language_has_several_names(data: Any) -> None:
    assert m.SwitchLanguage.model_validate(data).translation_language == "es"


def test_one_language_is_no_list_of_two() -> None:
    with pytest.raises(ValidationError):
        m.SwitchLanguage.model_validate({"translation_language": ["es", "fr"]})


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (m.Start, START | {"tts_enabled": "yes"}),
        (m.Start, START | {"tts_mode": "later"}),
        (m.Start, START | {"conversation_mode": "x"}),
        (m.Start, START | {"tts_config": {"es": {"speaking_rate": 0.2}}}),
        (m.Start, START | {"tts_config": {f"e{n}": {} for n in range(11)}}),
        (m.TtsMode, {"mode": "both"}),
        (m.SetTts, {"tts_enabled": 1}),
        (m.ConversationMode, {"mode": "x"}),
        (m.AnnouncementText, {"text": ""}),
        (m.AnnouncementText, {"text": "x" * 1001}),
        (m.StandbyMessage, {}),
        (m.SetName, {"name": ""}),
    ],
)
def test_what_is_out_of_bounds_is_refused(model: type[m.Model], data: Any) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(data)


def test_fields_that_are_not_known_are_not_looked_at() -> None:
    assert m.TtsMode.model_validate({"tts_mode": "sync", "colour": "red"}).mode == "sync"
