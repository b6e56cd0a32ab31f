"""The Kallglot socket as its page documents it (seed: kallglot-streaming.txt); no socket, no clock."""

import json

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.kallglot.claims import Claims
from dragoman_edge.dialects.kallglot.conversation import KallglotConversation
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Audio, End, Flush, Update
from dragoman_edge.model.events import Opened, Outcome, Resumed, Throttled
from dragoman_edge.model.http import Handshake
from tests.support.kallglot_codec import (
    CLAIMS,
    audio,
    chunk,
    conversation,
    opening,
    rendered,
    told,
    transcript,
)


@pytest.mark.parametrize(
    ("query", "headers", "credential"),
    [
        ({"token": "a"}, {}, "a"),
        ({}, {"authorization": "Bearer b"}, "b"),
        ({"token": "a"}, {"authorization": "bearer b"}, "b"),
        ({}, {}, "none"),
    ],
)
def test_the_token_is_read_from_the_header_or_the_query(
    query: dict[str, str], headers: dict[str, str], credential: str
) -> None:
    assert KallglotConversation(Handshake("/", {}, query, headers)).credential == credential


def test_the_token_opens_its_own_session_which_can_be_resumed() -> None:
    command = opening()
    assert (command.promised, command.resumable) == ("sess_1", True)
    assert command.audio_out == AudioFormat(Encoding.PCM_S16LE, 24_000)
    both = ("de", "en-US")
    assert command.spec.tracks == (ev.TrackSpec(source_languages=both, target_languages=both, two_way=True),)
    assert (command.spec.interim, command.spec.translate, command.spec.speech) == (True, True, True)
    assert command.spec.voices == (ev.VoiceChoice(voice="male"),)


@pytest.mark.parametrize("claims", ["", "{}", json.dumps(CLAIMS | {"session_id": "sess_2"})])
def test_another_token_is_refused(claims: str) -> None:
    with pytest.raises(PeerError) as caught:
        conversation(opened=False).admitted(claims)
    assert caught.value.code is FaultCode.INVALID_CREDENTIAL


def test_with_two_channels_a_second_track_joins_once() -> None:
    made = conversation()
    update, sound = made.receive(audio(bytes(4), channels=2))
    assert isinstance(update, Update)
    customer, agent = update.spec.tracks
    assert (customer.speaker, customer.source_languages, customer.target_languages) == (
        "customer",
        ("de",),
        ("en-US",),
    )
    assert (agent.speaker, agent.source_languages, agent.target_languages) == ("agent", ("en-US",), ("de",))
    assert sound == Audio(bytes(4), AudioFormat(channels=2))
    assert len(made.receive(audio(bytes(4), channels=2))) == 1
    assert len(made.receive(audio())) == 1


def test_after_a_resume_the_tracks_are_those_that_were() -> None:
    made = conversation(opened=False)
    spec = Claims.model_validate(CLAIMS).spec(channels=2)
    made.render(Opened("sess_1", 0, resumed=Resumed(spec, 0)), 0)
    assert len(made.receive(audio(bytes(4), channels=2))) == 1


def test_mute_flushes_and_keeps_the_audio_out() -> None:
    made = conversation()
    assert made.receive('{"type": "control", "action": "mute"}') == [Flush()]
    assert made.receive(audio(b"\1\1")) == [Audio(b"", AudioFormat())]
    assert made.receive('{"type": "control", "action": "unmute"}') == []
    assert made.receive(audio(b"\1\1")) == [Audio(b"\1\1", AudioFormat())]


def test_end_and_ping() -> None:
    made = conversation()
    assert made.receive('{"type": "end"}') == made.receive('{"type": "session.end"}') == [End()]
    assert told(made.receive('{"type": "ping"}')) == {"type": "pong", "session_id": "sess_1"}


@pytest.mark.parametrize(
    ("language", "speaker"), [("de", "customer"), ("de-DE", "customer"), ("en", "agent")]
)
def test_on_a_channel_that_both_share_the_language_tells_who_speaks(language: str, speaker: str) -> None:
    assert rendered(conversation(), transcript(language=language))[0]["speaker"] == speaker


def test_an_empty_final_is_shown_only_in_place_of_an_interim() -> None:
    made = conversation()
    assert rendered(made, transcript(text="")) == []
    rendered(made, transcript(utterance=2, final=False))
    assert rendered(made, transcript(utterance=2, text=""))[0]["text"] == ""


def test_while_paused_only_transcripts_are_missing() -> None:
    made = conversation()
    made.receive('{"type": "control", "action": "pause_transcription"}')
    assert rendered(made, transcript()) == []
    assert rendered(made, chunk())
    made.receive('{"type": "control", "action": "resume_transcription"}')
    assert rendered(made, transcript())


def test_throttling_is_told_with_an_error_the_first_time() -> None:
    made = conversation()
    error, throttle = rendered(made, Throttled(active=True))
    assert (error["code"], error["recoverable"]) == ("rate_limit_exceeded", True)
    assert throttle == {"type": "control", "action": "throttle"}
    assert rendered(made, Throttled(active=False)) == [{"type": "control", "action": "resume"}]
    assert rendered(made, Throttled(active=True)) == [throttle]


def test_a_second_channel_that_is_not_to_be_had_is_told() -> None:
    busy = error_for("busy", "no recogniser is free")
    (message,) = rendered(conversation(), Outcome("stereo", busy))
    assert (message["code"], message["recoverable"]) == ("internal_error", True)
    assert rendered(conversation(), Outcome("stereo")) == []


@pytest.mark.parametrize(
    ("fault", "last", "close"),
    [
        ("session_ended", ["ended"], 1000),
        ("idle", ["provider_disconnected", "ended"], 1000),
        ("insufficient_credits", [None, "ended"], 1008),
        ("draining", [None], 1012),
    ],
)
def test_the_end_of_a_live_session_is_told(fault: str, last: list[str | None], close: int) -> None:
    made, error = conversation(), error_for(fault)
    assert [json.loads(frame).get("status") for frame in made.refuse(error, 0)] == last
    assert made.close_code(error) == close
    assert made.close_code(None) == 1000
