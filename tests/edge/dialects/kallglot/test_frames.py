"""Messages to the client ("Server Messages" of the page)."""

import json

import pytest

from dragoman_contract import events as ev
from dragoman_edge.dialects.kallglot import frames
from dragoman_edge.model.events import AudioNotKept, NotKept, ServerEvent
from tests.support.kallglot_codec import chunk, conversation, rendered, transcript


def test_a_transcript_has_every_field_of_the_page() -> None:
    made = conversation()
    assert rendered(made, transcript(final=False)) == [
        {
            "type": "transcript",
            "id": "seg_001",
            "speaker": "customer",
            "language": "de",
            "text": "Ich habe eine Frage",
            "is_final": False,
            "start_time": 3.5,
            "confidence": 0.94,
        }
    ]
    assert rendered(made, transcript())[0]["is_final"] is True


def test_speech_has_ids_that_are_the_same_when_it_is_sent_again() -> None:
    made = conversation()
    first, second = chunk(), chunk(sample_offset=320, track=1, utterance=12)
    assert rendered(made, first) == [
        {
            "type": "audio",
            "id": "audio_001",
            "data": "AQI=",
            "encoding": "pcm_16",
            "sample_rate": 24_000,
            "segment_id": "seg_001",
        }
    ]
    (piece,) = rendered(made, second)
    assert (piece["id"], piece["segment_id"]) == ("audio_1_012_320", "seg_1_012")
    assert rendered(conversation(), second) == [piece]
    assert rendered(made, chunk(audio=b"", last=True)) == []


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ev.State.CONNECTING, "connecting"),
        (ev.State.CONNECTED, "connected"),
        (ev.State.RECOVERING, "connecting"),
        (ev.State.DRAINING, "ending"),
        (ev.State.ENDING, "ending"),
        (ev.State.ENDED, "ended"),
    ],
)
def test_every_state_is_one_of_the_pages(state: ev.State, status: str) -> None:
    (message,) = rendered(conversation(), ev.Status(session_id="sess_1", state=state))
    assert (message["type"], message["status"]) == ("status", status)


def test_a_translation_has_both_texts_and_the_id_of_its_transcript() -> None:
    event = ev.Translation(
        session_id="sess_1", track=1, epoch=1, utterance=2, revision=1, final=False, language="en-US",
        text="One", source_language="de", source_text="Eins", start_ms=0, duration_ms=1,
    )  # fmt: skip
    assert json.loads(frames.translation(event)) == {
        "type": "translation",
        "id": "seg_1_002",
        "source_language": "de",
        "target_language": "en-US",
        "source_text": "Eins",
        "text": "One",
        "is_final": False,
    }


@pytest.mark.parametrize(("confidence", "shown"), [(-0.5, 0.0), (0.123456, 0.1235), (1.5, 1.0)])
def test_a_confidence_is_between_none_and_all(confidence: float, shown: float) -> None:
    assert json.loads(frames.transcript(transcript(confidence=confidence), "agent"))["confidence"] == shown


def test_a_status_has_a_text_of_its_own_or_the_usual_one() -> None:
    assert json.loads(frames.status(ev.State.ENDED))["message"] == "The session has ended"
    assert json.loads(frames.status(ev.State.ENDED, "Over"))["message"] == "Over"


@pytest.mark.parametrize(
    ("event", "lost"),
    [(NotKept(3), True), (AudioNotKept("full"), True), (AudioNotKept("unavailable"), False)],
    ids=["texts", "full", "away"],
)
def test_a_hole_in_the_recording_is_told_and_ends_nothing(event: ServerEvent, lost: bool) -> None:
    (told,) = rendered(conversation(), event)
    assert (told["type"], told["code"], told["recoverable"]) == ("error", "internal_error", True)
    assert ("lost" in told["message"]) is lost
