"""The Krisp socket as its page documents it (seed: krisp-voice-translation.txt); no socket, no clock."""

import json

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.krisp.conversation import KrispConversation
from dragoman_edge.model.commands import Audio, Open
from tests.support.krisp_codec import (
    CONFIG,
    chunk,
    conversation,
    handshake,
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
