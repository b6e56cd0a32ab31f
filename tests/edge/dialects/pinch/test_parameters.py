"""The parameters of a session and its spec."""

from typing import Any

import pytest
from pydantic import ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.pinch.parameters import CONTEXT_CHARACTERS, Parameters


def test_the_defaults_are_those_of_the_page() -> None:
    spec = Parameters().spec()
    assert spec.tracks == (ev.TrackSpec(source_languages=("en",), target_languages=("es",)),)
    assert spec.voices == (ev.VoiceChoice(voice="male"),)
    assert spec.interim and spec.speech and not spec.context and spec.labels == ()
    assert Parameters().stable


def test_without_audio_there_is_no_voice() -> None:
    spec = Parameters(audioOutputEnabled=False, voiceType="anything").spec()
    assert not spec.speech and spec.voices == ()


def test_both_ways_both_languages_are_heard_and_spoken() -> None:
    (track,) = Parameters(sourceLanguage="en_us", targetLanguage="de", twoWay=True).spec().tracks
    assert track == ev.TrackSpec(
        source_languages=("en-US", "de"), target_languages=("en-US", "de"), two_way=True
    )
    assert not Parameters(twoWay=True).stable


@pytest.mark.parametrize("auto", ["auto", "AUTO"])
def test_a_language_may_be_found_out(auto: str) -> None:
    made = Parameters(sourceLanguage=auto)
    assert made.auto and made.spec().tracks[0].source_languages == ()
    assert not Parameters().auto


def test_labels_belong_to_their_languages() -> None:
    made = Parameters(sourceLanguageLabel="legal", targetLanguageLabel="casual", context="a call")
    assert made.spec().labels == (
        ev.Label(language="en", text="legal"),
        ev.Label(language="es", text="casual"),
    )
    assert made.spec().context == "a call"
    detected = Parameters(sourceLanguage="auto", sourceLanguageLabel="legal").spec()
    assert detected.labels == (ev.Label(language="", text="legal"),)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"voiceType": "robot"}, "voiceType"),
        ({"finalizeMode": "never"}, "finalizeMode"),
        ({"twoWay": "true", "sourceLanguage": "auto"}, "twoWay"),
        ({"twoWay": "true", "sourceLanguage": "es-MX", "targetLanguage": "es"}, "the same"),
        ({"audioOutputEnabled": "perhaps"}, "audioOutputEnabled"),
        ({"context": "x" * (CONTEXT_CHARACTERS + 1)}, "context"),
        ({"targetLanguageLabel": "x" * 201}, "targetLanguageLabel"),
    ],
)
def test_what_makes_no_session_is_refused(query: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Parameters.model_validate(query)


def test_what_is_no_tag_is_refused() -> None:
    for wrong in ({"sourceLanguage": "!!"}, {"targetLanguage": "!!"}):
        with pytest.raises(PeerError) as refused:
            Parameters.model_validate(wrong).spec()
        assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE


def test_as_claims_they_come_back_as_they_were() -> None:
    made = Parameters(session_id="ss_1", sourceLanguage="auto", context="日本")
    assert Parameters.model_validate_json(made.model_dump_json()) == made


def test_only_the_source_language_is_transcribed_except_where_there_are_two() -> None:
    assert Parameters().spec().other_languages is ev.OtherLanguages.LEAVE_OUT
    assert Parameters(twoWay=True).spec().other_languages is ev.OtherLanguages.UNSPECIFIED
