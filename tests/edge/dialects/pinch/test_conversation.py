"""The Pinch socket as its page documents it (seed: pinch-realtime.txt); no socket, no clock."""

import json

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Answer, Audio, Flush
from dragoman_edge.model.events import Audience, Opened, Outcome
from tests.support.pinch_codec import NOW_MS, fresh, opening, running, shown, transcript, translation

SECONDS = NOW_MS / 1000


def test_the_token_stands_in_the_url_and_says_what_the_session_is() -> None:
    assert fresh("pst_9").credential == "pst_9"
    command = opening()
    assert (command.audio_in, command.audio_out) == (AudioFormat(), AudioFormat(Encoding.FLOAT32LE, 24_000))
    assert not command.resumable


@pytest.mark.parametrize("claims", ["", "{", "[]", '{"finalizeMode": "never"}'])
def test_another_token_is_refused(claims: str) -> None:
    with pytest.raises(PeerError) as refused:
        fresh().admitted(claims)
    assert refused.value.code is FaultCode.INVALID_CREDENTIAL


def test_the_first_frame_is_ready() -> None:
    made = fresh()
    made.admitted('{"session_id": "ss_1"}')
    assert shown(made, Opened("s_1", NOW_MS)) == [{"type": "ready", "session_id": "ss_1"}]


# Client → server


def test_binary_is_audio_and_finalize_waits_for_what_is_on_its_way() -> None:
    made = running()
    assert made.receive(b"ab") == [Audio(b"ab")]
    assert made.receive('{"type": "finalize"}') == [Flush(300)]


def test_metadata_is_acknowledged_and_not_applied() -> None:
    made = running()
    (answer,) = made.receive('{"type": "update_metadata", "targetLanguage": "de"}')
    assert isinstance(answer, Answer)
    assert [json.loads(frame) for frame in answer.frames] == [
        {"type": "metadata_ack", "applied": {"targetLanguage": "de"}}
    ]
    assert shown(made, transcript())[0]["target_language"] == "es"


def test_an_unknown_message_is_an_error_that_ends_nothing() -> None:
    (answer,) = running().receive(json.dumps({"type": "d" * 99}))
    assert isinstance(answer, Answer) and answer.problem is not None
    assert answer.problem.message == f"message type '{'d' * 40}' is not supported."
    with pytest.raises(PeerError):
        running().receive("no message")


# Server → client


def test_a_transcript_has_every_field_of_the_page() -> None:
    assert shown(running(finalizeMode="sentence"), transcript()) == [
        {
            "type": "original_transcript",
            "text": "One two",
            "is_final": True,
            "correlation_id": "seg_1_3",
            "source_language": "en",
            "target_language": "es",
            "detected_language": None,
            "timestamp": SECONDS,
        }
    ]


def test_a_translation_has_the_correlation_id_of_its_transcript() -> None:
    made = running()
    assert shown(made, translation()) == [
        {
            "type": "translated_transcript",
            "text": "Uno dos",
            "translated_text": "Uno dos",
            "original_text": "One two",
            "is_final": True,
            "correlation_id": "seg_1_3",
            "source_language": "en",
            "target_language": "es",
            "detected_language": None,
            "timestamp": SECONDS,
        }
    ]
    assert shown(made, translation(final=False))[0]["is_final"] is False
    assert shown(made, transcript())[0]["correlation_id"] == "seg_1_3"


def test_a_detected_language_is_told_without_its_region() -> None:
    made = running(sourceLanguage="auto")
    told = shown(made, transcript(language="de-DE"))[0]
    assert (told["source_language"], told["detected_language"]) == ("auto", "de")


@pytest.mark.parametrize(
    ("language", "source", "target"), [("en", "en", "es"), ("es", "es", "en"), ("es-MX", "es-MX", "en")]
)
def test_both_ways_the_target_is_the_other_language(language: str, source: str, target: str) -> None:
    (told,) = shown(running(twoWay=True), transcript(language=language))
    assert (told["source_language"], told["target_language"]) == (source, target)


def test_one_way_the_languages_are_those_of_the_session() -> None:
    (told,) = shown(running(finalizeMode="sentence"), transcript(language="es"))
    assert (told["source_language"], told["target_language"]) == ("en", "es")


def test_in_sentence_mode_only_the_last_is_final() -> None:
    made = running(finalizeMode="sentence")
    interim = transcript(final=False, stable_length=3)
    assert [one["is_final"] for one in shown(made, interim)] == [False]
    assert [one["is_final"] for one in shown(made, transcript())] == [True]


def test_in_stable_mode_a_span_is_final_as_soon_as_it_is_locked_in() -> None:
    made = running()
    first = shown(made, transcript(final=False, text="One tw", stable_length=3))
    assert [(one["text"], one["is_final"]) for one in first] == [("One", True), ("One tw", False)]
    again = shown(made, transcript(final=False, text="One two", stable_length=3))
    assert [(one["text"], one["is_final"]) for one in again] == [("One two", False)]
    last = shown(made, transcript(text="One two three"))
    assert [(one["text"], one["is_final"]) for one in last] == [("One two three", True)]


def test_speech_is_binary_and_nothing_empty_is_sent() -> None:
    made = running()
    chunk = ev.SpeechChunk(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=3,
        language="es",
        sample_offset=0,
        audio=b"ab",
        last=True,
    )
    assert made.render(chunk, NOW_MS) == [b"ab"]
    assert made.render(transcript(text=""), NOW_MS) == made.render(translation(text=""), NOW_MS) == []
    assert made.render(Audience(), NOW_MS) == made.render(Outcome("x"), NOW_MS) == []


def test_what_fails_is_an_error_with_its_time() -> None:
    made = running()
    failure = ev.Failure(
        session_id="s_1", track=0, epoch=1, utterance=3, stage=ev.Stage.TTS, code="timeout", message="late"
    )
    assert shown(made, failure) == [{"type": "error", "error": "tts failed: late", "timestamp": SECONDS}]
    refused = shown(made, Outcome("", PeerError(FaultCode.BAD_REQUEST, "no")))
    assert refused == [{"type": "error", "error": "no", "timestamp": SECONDS}]
    (frame,) = made.refuse(error_for("too_long"), NOW_MS)
    assert json.loads(frame) == {"type": "error", "error": "too long", "timestamp": SECONDS}
    assert made.close_code(error_for("too_long")) == 4503
