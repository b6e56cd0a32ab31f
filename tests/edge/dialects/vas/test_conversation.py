"""The VAS socket as its pages document it (seed: vas-voice-translation-events.txt); no socket, no clock."""

import base64
import json
import uuid
from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.dialects.vas.conversation import VasConversation
from dragoman_edge.model.commands import JOBS, Answer, Audio, End, Flush, Open
from dragoman_edge.model.events import Opened, Resumed, Throttled
from tests.support.factories import SPEC
from tests.support.vas_codec import (
    NOW,
    START,
    action,
    chunk,
    fresh,
    handshake,
    refused,
    running,
    said,
    shown,
    told,
    transcript,
)


def test_the_ticket_is_taken_from_the_subprotocol_that_is_accepted() -> None:
    made = VasConversation(handshake("chat", "ticket.abc"))
    assert (made.subprotocol, made.credential) == ("ticket.abc", "abc")


def test_without_a_ticket_nothing_is_taken() -> None:
    made = VasConversation(handshake("chat"))
    with pytest.raises(PeerError) as caught:
        made.receive(action("start", **START))
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


def test_a_key_is_no_ticket() -> None:
    with pytest.raises(PeerError) as caught:
        VasConversation(handshake()).admitted("")
    assert caught.value.code is FaultCode.INVALID_CREDENTIAL


def test_the_session_says_what_it_is() -> None:
    made = fresh()
    made.receive(action("start", **START))
    started, connected = shown(made, Opened("s_1", NOW))
    data = started["data"]
    assert data["task_id"] == data["recording_id"] != data["session_id"] != "s_1"
    assert uuid.UUID(data["session_id"]).version == 4
    assert (data["recording_type"], data["recognition_mode"]) == ("transcribe", "single")
    assert connected["data"] == {
        "action": "stt_event", "event": "connected", "message": "STT service connected",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["audio", "pause", "stop", "tts_play", "rename_speaker", "broadcast_go_live"]
)
def test_before_the_start_and_after_the_end_there_is_no_session(name: str) -> None:
    assert refused(fresh(), action(name)) == "session_not_started"
    made = running()
    assert told(made.receive(action("stop"))[:1])["message"] == "Speech recognition stopped"
    assert refused(made, action(name)) == "session_not_started"


def test_a_session_starts_once() -> None:
    assert refused(running(), action("start", **START)) == "session_already_started"


def test_audio_is_base64_or_binary() -> None:
    made = running()
    pcm = bytes(range(8))
    assert made.receive(action("audio", audio=base64.b64encode(pcm).decode())) == [Audio(pcm)]
    assert made.receive(pcm) == [Audio(pcm)]


@pytest.mark.parametrize("audio", ["?", "AAA", "AAAA", "é"])
def test_what_is_no_audio_is_answered(audio: str) -> None:
    assert refused(running(), action("audio", audio=audio)) == "audio_data_invalid"


def test_a_paused_session_hears_nothing() -> None:
    made = running()
    flush, answer = made.receive(action("pause"))
    assert flush == Flush()
    assert told([answer]) == {"action": "status", "message": "Speech recognition paused"}
    assert made.receive(b"\0\0") == []
    assert told(made.receive(action("resume")))["message"] == "Speech recognition resumed"
    assert made.receive(b"\0\0") == [Audio(b"\0\0")]


def test_stop_ends_the_audio_and_the_task_is_complete_with_the_last_result() -> None:
    made = running()
    answer, end = made.receive(action("stop"))
    assert told([answer]) == {"action": "status", "message": "Speech recognition stopped"}
    assert end == End()
    (complete,) = shown(made, ev.Usage(session_id="s_1", sequence=9, closing=True))
    assert complete["data"]["action"] == "task_complete"


def test_a_ping_is_answered_and_keeps_a_session_alive() -> None:
    ping = json.dumps({"type": "health", "data": {"action": "ping"}})
    made = fresh()
    assert told(made.receive(ping)) == {"action": "pong"}
    made.receive(action("start", **START))
    assert made.receive(ping)[0] == Audio(b"")


def test_an_error_before_the_session_has_the_time_of_the_handshake() -> None:
    assert told(fresh().receive("{"))["timestamp"] == "2026-01-15T10:30:45.123Z"


def test_who_sends_too_fast_is_warned_once() -> None:
    made = running()
    (message,) = shown(made, Throttled(active=True))
    data = message["data"]
    assert (data["error_code"], data["severity"]) == ("rate_limit_exceeded", "warning")
    assert not shown(made, Throttled(active=False)) + shown(made, Throttled(active=True))


def test_a_recogniser_that_is_not_replaced_is_an_stt_event_before_the_error() -> None:
    made = running()
    shown(made, ev.Status(session_id="s_1", state=ev.State.RECOVERING))
    event, error = map(json.loads, made.refuse(error_for("busy", "none is free"), NOW))
    assert (event["data"]["action"], event["data"]["event"]) == ("stt_event", "error")
    assert error["data"]["severity"] == "fatal"
    shown(made, ev.Status(session_id="s_1", state=ev.State.CONNECTED))
    assert len(made.refuse(error_for("busy", "none is free"), NOW)) == 1


@pytest.mark.parametrize(
    ("state", "event"), [(ev.State.RECOVERING, "disconnected"), (ev.State.CONNECTED, "connected")]
)
def test_a_lost_recogniser_is_an_stt_event(state: ev.State, event: str) -> None:
    (message,) = shown(running(), ev.Status(session_id="s_1", state=state))
    assert (message["data"]["action"], message["data"]["event"]) == ("stt_event", event)


def test_a_server_that_stops_warns() -> None:
    (message,) = shown(running(), ev.Status(session_id="s_1", state=ev.State.DRAINING))
    assert (message["data"]["error_code"], message["data"]["severity"]) == ("service_restarting", "warning")


def test_speech_can_be_stopped() -> None:
    made = running(tts_mode="sync")
    said(made, 1)
    shown(made, chunk())
    made.receive(action("tts_play", sid=1))
    assert told(made.receive(action("tts_stop")))["message"] == "TTS stopped"
    assert shown(made, chunk(last=True)) == []
    assert shown(made, chunk(track=JOBS, last=True)) == []
    said(made, 2)
    assert shown(made, chunk(utterance=2, last=True)) != []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "invalid_request"),
        ("[]", "invalid_request"),
        ("{}", "unknown_type"),
        ('{"type": "voice-translation"}', "unknown_action"),
        ('{"type": "voice-translation", "data": {"action": ["a"]}}', "unknown_action"),
        ("x" * (1 << 22), "message_too_large"),
        (b"\0\0", "session_not_started"),
    ],
)
def test_a_message_that_is_none_is_answered(frame: str | bytes, code: str) -> None:
    assert refused(fresh(), frame) == code


def test_what_cannot_be_sent_is_not_echoed() -> None:
    made = fresh()
    broken = action("start", **START).replace('"es-ES"', '"\\ud800"')
    (answer,) = made.receive(broken)
    assert isinstance(answer, Answer)
    assert str(answer.frames[0]).encode()


def test_an_internal_error_says_which_message_it_was() -> None:
    made = running()
    made.receive(action("pause"))
    (frame,) = made.refuse(error_for("internal", "unexpected error"), NOW)
    data = json.loads(frame)["data"]
    assert (data["error_code"], data["severity"]) == ("internal_error", "fatal")
    assert data["details"] == {"message_type": "voice-translation", "action": "pause"}


def test_tickets_that_cannot_be_checked_are_told_so() -> None:
    made = VasConversation(handshake())
    (frame,) = made.refuse(error_for("unavailable"), NOW)
    assert json.loads(frame)["data"]["error_code"] == "ticket_validation_failed"


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_an_envelope_and_a_close_code(code: FaultCode) -> None:
    made, error = fresh(), error_for(code, "why", retry_after_ms=1500)
    (frame,) = made.refuse(error, NOW)
    data = json.loads(frame)["data"]
    assert data["severity"] == "fatal"
    assert {"error_code", "message", "context", "request_id", "timestamp"} <= set(data)
    assert made.close_code(error) in (1008, 1011, 1013)
    response = Vas().routes[0].refuse(error)
    assert 400 <= response.status <= 599
    assert response.headers == {"Retry-After": "1"}


def test_a_normal_end_is_1000() -> None:
    assert fresh().close_code(None) == 1000


def test_a_client_that_comes_back_names_its_task() -> None:
    session = "s_" + "a" * 24
    (opened,) = fresh().receive(action("start", **START | {"task_id": task_id(session)}))
    assert isinstance(opened, Open)
    assert (opened.promised, opened.resumable, opened.by_id) == (session, True, True)
    (opened,) = fresh().receive(action("start", **START))
    assert isinstance(opened, Open) and opened.promised == ""
    assert refused(fresh(), action("start", **START | {"task_id": "x"})) == "recording_not_found"


def test_a_session_that_is_gone_on_with_is_as_it_was() -> None:
    made = fresh()
    made.receive(action("start", **START))
    before = replace(SPEC, tracks=(ev.TrackSpec(source_languages=("fr",), target_languages=("de",)),))
    made.render(Opened("s_1", NOW, resumed=Resumed(before, 0)), NOW)
    (message,) = shown(made, transcript(language="fr"))
    assert message["data"]["origin"]["language"] == "fr"
