"""The Sarvam socket (seed: sarvam-speech-to-text-translate.txt) and the forms of its vendor's package."""

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.sarvam.conversation import REMEMBERED, SarvamConversation
from dragoman_edge.dialects.sarvam.query import INDIC
from dragoman_edge.model.commands import Flush, Update
from dragoman_edge.model.events import Outcome, Throttled
from tests.support.sarvam_codec import (
    NOW_MS,
    TONE,
    TRANSCRIBE,
    activity,
    audio,
    conversation,
    handshake,
    opened,
    rendered,
    transcript,
    translation,
)


def test_the_key_comes_in_a_header_or_a_subprotocol() -> None:
    assert SarvamConversation(handshake()).credential == "k"
    browser = SarvamConversation(handshake(headers={}, subprotocols=("x", "api-subscription-key.drg_1")))
    assert (browser.credential, browser.subprotocol) == ("drg_1", "api-subscription-key.drg_1")
    nobody = SarvamConversation(handshake(headers={}))
    assert nobody.credential == "" and nobody.subprotocol is None
    with pytest.raises(PeerError) as caught:
        nobody.receive(audio(TONE))
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


def test_a_prompt_is_context_from_then_on() -> None:
    made = conversation(vad_signals="true")
    (command,) = made.receive('{"type": "config", "prompt": "a call about loans"}')
    assert isinstance(command, Update) and command.spec.context == "a call about loans"
    assert command.spec.endpointing == opened(vad_signals="true").spec.endpointing
    assert made.receive('{"type": "config"}') == []


def test_flush_ends_the_utterance_unless_it_was_switched_off() -> None:
    assert conversation().receive('{"type": "flush"}') == [Flush()]
    assert conversation(flush_signal="false").receive('{"type": "flush"}') == []


def test_a_translation_is_the_result_with_the_language_that_was_spoken() -> None:
    made = conversation()
    assert made.render(activity(False, 1436), NOW_MS) == []
    assert made.render(transcript(), NOW_MS) == []
    assert rendered(made, translation(), NOW_MS + 250) == {
        "type": "data",
        "data": {
            "request_id": "s_1-3",
            "transcript": "Hello",
            "language_code": "hi-IN",
            "language_probability": 0.9,
            "metrics": {"audio_duration": 0.436, "processing_latency": 0.25},
        },
    }


def test_a_language_that_was_told_has_no_probability() -> None:
    made = conversation(TRANSCRIBE, **{"language-code": "od-IN"})
    data = rendered(made, transcript(language="or-IN"))["data"]
    assert (data["language_code"], data["language_probability"]) == ("od-IN", None)
    assert data["timestamps"] is None and data["diarized_transcript"] is None
    assert made.render(transcript(final=False), 0) == made.render(transcript(text=""), 0) == []


def test_a_language_beyond_the_vendors_keeps_its_tag() -> None:
    assert (
        rendered(conversation(mode="transcribe"), transcript(language="es"))["data"]["language_code"] == "es"
    )


def test_translit_writes_latin_letters() -> None:
    assert rendered(conversation(mode="translit"), transcript())["data"]["transcript"] == "namaste"
    assert rendered(conversation(mode="verbatim"), transcript())["data"]["transcript"] == "नमस्ते"


def test_the_latency_of_an_utterance_that_was_cut() -> None:
    made = conversation(mode="transcribe")
    made.render(activity(True, 400), NOW_MS)
    data = rendered(made, transcript(), NOW_MS + 1236)["data"]  # ends at 1436
    assert data["metrics"]["processing_latency"] == 0.2
    assert (
        rendered(conversation(mode="transcribe"), transcript())["data"]["metrics"]["processing_latency"] == 0
    )


def test_voice_activity_is_told_to_those_who_want_it() -> None:
    told = rendered(conversation(vad_signals="true"), activity(True, 400))
    assert told == {
        "type": "events",
        "data": {
            "event_type": "vad",
            "timestamp": "2026-03-25T19:24:45.370+00:00",
            "signal_type": "START_SPEECH",
            "occured_at": NOW_MS / 1000,
        },
    }
    assert (
        rendered(conversation(vad_signals="true"), activity(False, 400))["data"]["signal_type"]
        == "END_SPEECH"
    )
    assert conversation().render(activity(True, 400), NOW_MS) == []


def test_failures_and_refused_changes_are_errors() -> None:
    made = conversation()
    failure = ev.Failure(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=3,
        stage=ev.Stage.TRANSLATION,
        code="engine_failed",
        message="x",
    )
    assert rendered(made, failure) == {
        "type": "error",
        "data": {"error": "translation failed: x", "code": "model_call_error"},
    }
    refused = rendered(made, Outcome("", PeerError(FaultCode.INSUFFICIENT_CREDITS, "no credits")))
    assert refused["data"] == {"error": "no credits", "code": "insufficient_quota_error"}
    assert made.render(Outcome(""), 0) == made.render(Throttled(True), 0) == []


def test_what_waits_for_its_result_is_bounded() -> None:
    made = conversation()
    for number in range(1, 3 * REMEMBERED):
        made.render(activity(False, number), NOW_MS)
        made.render(transcript(utterance=number), NOW_MS)
    assert len(made._ends) == len(made._heard) == REMEMBERED


def test_the_handshake_names_the_languages_that_become_english() -> None:
    made = conversation()
    assert set(made.candidates) == INDIC and made.target == "en"
    assert made.announce(("hi", "od", "bn")) == {"X-Languages-To-English": "bn-IN, hi-IN, od-IN"}
    assert made.announce(()) == {"X-Languages-To-English": "none"}
