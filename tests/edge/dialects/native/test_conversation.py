"""The native API without a socket; what it does on one is in tests/conformance/test_native.py."""

import json
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.native import conversation
from dragoman_edge.dialects.native.conversation import NativeConversation
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import JOBS, Audio, End, Flush, Open, Resume, TextRequest, Update
from dragoman_edge.model.delivery_counts import ALL
from dragoman_edge.model.events import Audience, Opened, Outcome, Resumed, Throttled
from dragoman_edge.model.http import Handshake
from tests.support.factories import spec
from tests.support.native_codec import (
    START,
    answered,
    checked,
    chunk,
    failure,
    fresh,
    running,
    sent,
    shown,
    transcript,
    translation,
)


def job(made: NativeConversation, name: str) -> TextRequest:
    (command,) = sent(made, type="translate", id=name, text="x", language="en", to=["es"])
    assert isinstance(command, TextRequest)
    return command


def refused(made: NativeConversation, one: TextRequest) -> Any:
    return shown(made, Outcome(one.tag, error_for(FaultCode.RATE_LIMITED, "too many"), one.number))


# The first message


@pytest.mark.parametrize(
    ("headers", "query", "credential"),
    [({"authorization": "Api-Key a"}, {}, "a"), ({}, {"authorization": "bearer b"}, "b"), ({}, {}, "")],
)
def test_the_key_stands_in_header_or_query(
    headers: dict[str, str], query: dict[str, str], credential: str
) -> None:
    made = NativeConversation(Handshake("/v1/stream", {}, query, headers))
    assert made.credential == credential and made.admitted("") == []


def test_start_says_how_the_audio_is_written() -> None:
    audio = {"encoding": "mulaw", "sample_rate": 8000}
    (command,) = sent(
        fresh(),
        **START,
        key="k",
        resume=True,
        audio=audio,
        output={"encoding": "float32le", "sample_rate": 24_000},
    )
    assert isinstance(command, Open)
    assert command.audio_in == AudioFormat(Encoding.MULAW, 8000, 1)
    assert command.audio_out == AudioFormat(Encoding.FLOAT32LE, 24_000, 1)
    assert (command.credential, command.resumable) == ("k", True)
    (command,) = sent(fresh(), type="start", tracks=[{"spoken": "en"}, {"spoken": "es"}])
    assert isinstance(command, Open) and command.audio_in.channels == 2


def test_a_session_begins_once() -> None:
    made = running()
    again = ({**START}, {"type": "resume", "token": "t", "audio_from": 0})
    for message in again:
        error = answered(sent(made, **message))
        assert (error["code"], error["fatal"]) == ("bad_request", False)


@pytest.mark.parametrize(
    "frame", ["{", "[]", '{"type": "flush"}', '{"type": "x"}', json.dumps(START | {"to": ["!!"]})]
)
def test_before_the_start_anything_else_ends_the_socket(frame: str) -> None:
    with pytest.raises(PeerError):
        fresh().receive(frame)


def test_a_ping_is_answered_at_any_time() -> None:
    for made in (fresh(), running()):
        assert answered(sent(made, type="ping", id="p")) == {"type": "pong", "id": "p"}


def test_resume_says_what_the_client_has() -> None:
    received = {"transcripts": {"0": 3}, "samples": {"0/es": 640}}
    (command,) = sent(
        fresh(), type="resume", token="t", key="k", audio_from=16_000, received=received, jobs=["a"]
    )
    assert isinstance(command, Resume) and command.received is not None
    assert (command.token, command.credential, command.audio_from) == ("t", "k", 16_000)
    assert command.received.finals == {ALL: 0, "0": 3}
    assert command.received.translations == {}  # not counted
    assert command.received.samples == {ALL: 0, "0/es": 640}


# While it runs


def test_binary_is_audio_and_a_wrong_message_ends_nothing() -> None:
    made = running()
    assert made.receive(b"ab") == [Audio(b"ab")]
    error = answered(sent(made, type="translate", id="t1", text="x"))
    assert (error["code"], error["id"], error["fatal"]) == ("bad_request", "t1", False)
    with pytest.raises(PeerError):
        made.receive("no message at all")


def test_flush_and_end() -> None:
    assert sent(running(), type="flush") == [Flush()]
    assert sent(running(), type="end") == [End()]


def test_changes_build_upon_each_other_and_count_once_they_are_done() -> None:
    made = running()
    (first,) = sent(made, type="update", id="a", interim=False)
    (second,) = sent(made, type="update", id="b", to=["fr"])
    assert isinstance(first, Update) and isinstance(second, Update)
    assert not second.spec.interim and second.spec.tracks[0].target_languages == ("fr",)
    assert made.render(transcript(final=False), 1) != []
    assert shown(made, Outcome("a", notices=("deaf",))) == {"type": "updated", "id": "a", "notices": ["deaf"]}
    assert made.render(transcript(final=False), 1) == []
    error = shown(made, Outcome("b", PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "no")))
    assert (error["id"], error["code"]) == ("b", "unsupported_language")
    (third,) = sent(made, type="update", id="c")
    assert isinstance(third, Update) and third.spec.tracks[0].target_languages == ("es",)


def test_a_text_is_translated_or_spoken_beside_the_speech() -> None:
    made = running()
    (first,) = sent(made, type="translate", id="a", text="x", language="en_us", to=["es", "fr"], speech=True)
    assert first == TextRequest(1, "x", "en-US", ("es", "fr"), speech=True, tag="a")
    (second,) = sent(made, type="speak", id="b", text="y", language="es")
    assert second == TextRequest(2, "y", "es", ("es",), speech=True, translated=True, tag="b")
    told = shown(made, translation(track=JOBS, utterance=1))
    assert (told["job"], told["language"]) == ("a", "es") and "track" not in told
    assert shown(made, failure(track=JOBS, utterance=2))["job"] == "b"
    assert shown(made, failure(track=JOBS, utterance=9))["job"] == ""


def test_a_session_takes_only_so_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "MAX_JOBS", 1)
    made = running()
    job(made, "a")
    error = answered(sent(made, type="speak", id="b", text="y", language="es"))
    assert (error["code"], error["id"]) == ("rate_limited", "b")


def test_a_job_that_is_not_taken_is_told_by_its_id_and_its_number_is_the_next_ones() -> None:
    made = running()
    first, second, third = (job(made, name) for name in "abc")
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    error = refused(made, second)
    assert (error["id"], error["code"], error["fatal"]) == ("b", "rate_limited", False)
    assert refused(made, third)["id"] == "c"
    assert job(made, "d").number == 2
    assert shown(made, translation(track=JOBS, utterance=2))["job"] == "d"


# Events


def test_the_session_says_how_to_come_back_and_what_it_does_not_heed() -> None:
    made = fresh()
    sent(made, **START)
    assert shown(made, Opened("s_1", 5)) == {"type": "started", "session": "s_1", "started_at_ms": 5}
    opened = Opened("s_1", 5, "token", 30_000, notices=("deaf",))
    assert shown(made, opened) == {
        "type": "started",
        "session": "s_1",
        "started_at_ms": 5,
        "resume": {"token": "token", "window_ms": 30_000},
        "notices": ["deaf"],
    }


def test_a_resumed_session_goes_on_as_it_was() -> None:
    made = fresh()
    sent(made, type="resume", token="t", audio_from=0)
    assert made.render(transcript(final=False), 1) != []  # nothing is known of what it wanted
    assert (
        shown(made, Opened("s_1", 5, "t", 1, resumed=Resumed(spec(interim=False), 320)))["audio_from"] == 320
    )
    assert made.render(transcript(final=False), 1) == []


def test_only_texts_that_were_asked_for_are_sent() -> None:
    quiet = running(interim=False, final=False, translate=False)
    assert quiet.render(transcript(final=False), 1) == quiet.render(transcript(), 1) == []
    assert quiet.render(translation(), 1) == [] != quiet.render(translation(track=JOBS), 1)


def test_a_transcript_names_its_speaker() -> None:
    made = running(spoken=[], to=[], tracks=[{"spoken": "en"}, {"speaker": "Bea", "spoken": "es"}])
    assert shown(made, transcript(track=1))["speaker"] == "Bea"
    assert shown(made, transcript(track=0))["speaker"] == shown(made, transcript(track=7))["speaker"] == ""


def test_every_other_event_is_one_message() -> None:
    made = running()
    assert shown(made, Throttled(True)) == {"type": "throttle", "active": True}
    activity = ev.SpeechActivity(session_id="s_1", track=0, epoch=1, speaking=True, at_ms=9)
    assert shown(made, activity) == {"type": "activity", "track": 0, "speaking": True, "at_ms": 9}
    status = ev.Status(session_id="s_1", state=ev.State.DRAINING, message="soon")
    assert shown(made, status) == {"type": "status", "state": "draining", "message": "soon"}
    assert shown(made, ev.Usage(session_id="s_1", sequence=1, recognised_ms=7))["recognised_ms"] == 7
    header, audio = made.render(chunk(), 1)
    assert (checked(header)["utterance"], audio) == (3, b"abcd")
    assert made.render(Audience(), 1) == []


def test_the_end_of_a_socket_is_a_fatal_error() -> None:
    made = running()
    (frame,) = made.refuse(error_for("busy", "none is free"), 1)
    assert checked(frame) == {"type": "error", "code": "busy", "message": "none is free", "fatal": True}
    assert (made.close_code(error_for("busy")), made.close_code(None)) == (4503, 1000)
