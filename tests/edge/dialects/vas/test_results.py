"""Events of the mesh as the frames of the pages."""

import pytest

from dragoman_contract import events as ev
from tests.support.vas_codec import TALK, failure, running, said, shown, transcript, translation


def test_a_transcript_is_the_origin_of_a_result() -> None:
    (message,) = shown(running(), transcript())
    assert message == {
        "type": "voice-translation",
        "data": {
            "action": "result",
            "origin": {
                "sid": 1,
                "language": "en-US",
                "text": "Hello, you",
                "is_final": True,
                "speaker_id": "0",
                "detected_language": "en-US",
                "start_time": "01:05",
            },
        },
    }


def test_translations_are_keyed_by_language() -> None:
    made = running()
    shown(made, transcript())
    (message,) = shown(made, translation(language="fr-FR"))
    assert message["data"] == {
        "action": "result",
        "translations": {"fr-FR": {"sid": 1, "text": "Hola, tú", "is_final": True}},
    }


def test_in_a_conversation_the_language_tells_who_spoke() -> None:
    made = running(**TALK)
    assert shown(made, transcript(language="es"))[0]["data"]["origin"]["speaker_id"] == "2"
    assert shown(made, transcript(language="en"))[0]["data"]["origin"]["speaker_id"] == "1"


def test_the_errors_of_a_sentence_have_its_number() -> None:
    made = running()
    shown(made, transcript())
    (message,) = shown(made, failure(ev.Stage.TRANSLATION))
    data = message["data"]
    assert message["type"] == "error"
    assert (data["error_code"], data["severity"], data["context"]) == (
        "translation_failed", "warning", "translation",
    )  # fmt: skip
    assert (data["sid"], data["timestamp"]) == (1, "2026-01-15T10:30:45.123Z")
    assert data["request_id"].startswith("req_")
    assert data["details"] == {"translation_language": "es-ES", "source_lang": "en-US"}
    (message,) = shown(made, failure(ev.Stage.STT))
    assert (message["data"]["error_code"], message["data"]["sid"]) == ("stt_failed", 1)


@pytest.mark.parametrize(
    ("code", "error"),
    [("engine_failed", "tts_synthesis_failed"), ("insufficient_credits", "tts_quota_exceeded")],
)
def test_speech_that_fails_is_a_tts_error(code: str, error: str) -> None:
    made = running(tts_mode="sync")
    said(made, 1)
    (message,) = shown(made, failure(ev.Stage.TTS, code=code))
    assert message["data"]["error"] == error
    assert message["data"]["transcript"] == "sentence 1"
