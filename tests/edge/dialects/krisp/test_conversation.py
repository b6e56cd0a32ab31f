"""The Krisp socket as its page documents it (seed: krisp-voice-translation.txt); no socket, no clock."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.krisp.conversation import KrispConversation
from dragoman_edge.model.commands import Audio, Open, Resume
from dragoman_edge.model.events import Opened, Resumed, Throttled
from tests.support.krisp_codec import (
    CONFIG,
    STARTED_MS,
    chunk,
    conversation,
    handshake,
    opened,
    rendered,
    transcript,
    translation,
)


@pytest.mark.parametrize(
    ("query", "headers", "credential"),
    [
        ({"authorization": "api-key abc"}, {}, "abc"),
        ({"authorization": "Api-Key abc"}, {}, "abc"),
        ({}, {"authorization": "API-KEY abc"}, "abc"),
        ({}, {"authorization": "Bearer abc"}, "abc"),
        ({}, {"authorization": "Basic abc"}, ""),
        ({}, {}, ""),
    ],
)
def test_the_credential_is_read_from_header_or_query_in_any_case(
    query: dict[str, str], headers: dict[str, str], credential: str
) -> None:
    assert KrispConversation(handshake(query=query, headers=headers)).credential == credential


def test_the_key_may_stand_in_the_first_message() -> None:
    (command,) = KrispConversation(handshake()).receive(json.dumps({"api_key": "abc", "config": CONFIG}))
    assert isinstance(command, Open)
    assert command.credential == "abc"


def test_a_refused_configuration_still_echoes_its_reference_id() -> None:
    made = KrispConversation(handshake())
    with pytest.raises(PeerError) as caught:
        made.receive(json.dumps({"config": {"metadata": {"reference_id": "ref"}}}))
    assert json.loads(made.refuse(caught.value, 0)[0])["error"]["reference_id"] == "ref"


def test_binary_is_audio_and_later_text_is_refused() -> None:
    made = conversation()
    assert made.receive(b"\0\0") == [Audio(b"\0\0")]
    with pytest.raises(PeerError):
        made.receive("{}")


def test_a_final_transcript_has_every_field_of_the_page() -> None:
    made = conversation(metadata={"reference_id": "askdnl"})
    assert rendered(made, transcript()) == {
        "transcript": {
            "text": "Hello, how are you?",
            "final": True,
            "start": "2026-03-25T19:24:46.370+00:00",
            "duration": 436,
            "utterance_id": "s_1-0-3",
            "reference_id": "askdnl",
        }
    }


def test_a_translation_is_linked_to_its_transcript() -> None:
    made = conversation()
    linked = rendered(made, translation())["translate"]
    assert linked == {"text": "Bonjour", "final": True, "utterance_id": "s_1-0-3"}
    assert rendered(made, transcript())["transcript"]["utterance_id"] == linked["utterance_id"]


def test_the_switches_decide_what_is_sent() -> None:
    silent = conversation(transcript={"interim": False, "final": False, "translate": False})
    loud = conversation(transcript={"interim": True, "final": True, "translate": True})
    for event in (transcript(final=False), transcript(), translation()):
        assert silent.render(event, 0) == []
        assert len(loud.render(event, 0)) == 1


def test_speech_is_binary_and_an_empty_chunk_is_nothing() -> None:
    assert conversation().render(chunk(b"\1\2"), 0) == [b"\1\2"]
    assert conversation().render(chunk(b""), 0) == []


def test_a_failure_is_an_error_that_names_the_utterance() -> None:
    failure = ev.Failure(
        session_id="s_1", track=0, epoch=1, utterance=3, stage=ev.Stage.TRANSLATION, language="fr-FR",
        code=FaultCode.ENGINE_FAILED, message="the engine did not answer",
    )  # fmt: skip
    error = rendered(conversation(), failure)["error"]
    assert (error["code"], error["reason"]) == (500, "Internal Server Error")
    assert "utterance 3" in error["description"]


# Resume: our own extension (docs/dialects.md)


def resumable() -> KrispConversation:
    made = KrispConversation(handshake())
    made.receive(
        json.dumps({"config": CONFIG | {"features": {"resume": True}, "metadata": {"reference_id": "r"}}})
    )
    return made


def session(made: KrispConversation, event: Opened | ev.Status) -> Any:
    (frame,) = made.render(event, 0)
    return json.loads(frame)["session"]


def test_who_wants_to_resume_is_told_how() -> None:
    assert session(resumable(), Opened("s_1", STARTED_MS, "token", 30_000)) == {
        "resume_token": "token",
        "resume_window_ms": 30_000,
        "reference_id": "r",
    }


def test_a_server_that_stops_sends_such_a_client_elsewhere() -> None:
    made = resumable()
    draining = ev.Status(session_id="s_1", state=ev.State.DRAINING)
    assert session(made, draining) == {"reconnect": True, "reference_id": "r"}
    (frame,) = made.refuse(error_for("draining"), 0)
    assert json.loads(frame)["session"]["reconnect"] is True
    plain = conversation()
    assert plain.render(draining, 0) == []
    assert json.loads(plain.refuse(error_for("draining"), 0)[0])["error"]["code"] == 500


def test_resume_says_what_the_client_has_in_samples() -> None:
    received = {"transcripts": 2, "audio_bytes": 640}
    again = {"resume": {"token": "t", "received": received, "audio_bytes_from": 32_000}, "api_key": "k"}
    (command,) = KrispConversation(handshake()).receive(json.dumps(again))
    assert isinstance(command, Resume) and command.received is not None
    assert (command.token, command.credential, command.audio_from) == ("t", "k", 16_000)
    counts = command.received
    assert (counts.finals, counts.translations, counts.samples) == ({"": 2}, {}, {"": 320})


def test_a_resumed_session_shows_what_it_did_before() -> None:
    made = KrispConversation(handshake())
    made.receive('{"resume": {"token": "t", "audio_bytes_from": 0}}')
    before = replace(opened(transcript={"interim": True}).spec, reference_id="r")
    assert session(made, Opened("s_1", STARTED_MS, "t2", 1, resumed=Resumed(before, 160))) == {
        "resume_token": "t2",
        "resume_window_ms": 1,
        "audio_bytes_from": 320,
        "reference_id": "r",
    }
    assert len(made.render(transcript(final=False), 0)) == 1


@pytest.mark.parametrize(
    "message",
    [{"resume": {}}, {"resume": {"token": "", "audio_bytes_from": 0}}, {"resume": {"token": "t"}},
     {"resume": {"token": "t", "audio_bytes_from": -2}},
     {"resume": {"token": "t", "audio_bytes_from": 0, "received": {"transcripts": -1}}}],
)  # fmt: skip
def test_a_resume_that_makes_no_sense_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(PeerError) as refused:
        KrispConversation(handshake()).receive(json.dumps(message))
    assert refused.value.code is FaultCode.BAD_REQUEST


def test_nothing_is_bound_to_a_key_and_other_events_are_silent() -> None:
    made = conversation()
    assert made.admitted("") == [] == made.render(Throttled(True), 0)
    assert made.close_code(error_for("busy")) == 1013
