"""Recordings of sessions: how they stand, their audio, and their deletion."""

from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.dialects.kallglot import recording
from dragoman_edge.model.http import HttpResponse, Pieces
from tests.support.kallglot_codec import Mesh, request

WHO = {"account_id": "acc_key", "key_id": "k_1"}
URL = "https://edge.example/v1/sessions/sess_1/recording"


def stands(mesh: Mesh, live: bool = False) -> Any:
    """`recording` of the resource."""

    def exchange() -> Any:
        return HttpResponse(200, (yield from recording.state(request(), WHO, "sess_1", live=live)))

    return mesh.run(exchange()).body


def mesh_with(**task: Any) -> Mesh:
    mesh = Mesh()
    mesh.tasks["sess_1"] = rpc.Task(id="sess_1", **task)
    return mesh


@pytest.mark.parametrize(
    ("task", "live", "status", "url", "seconds"),
    [
        ({}, True, "in_progress", None, 0.0),
        ({"audio_ms": 4800}, True, "in_progress", URL, 4.8),
        ({"audio_ms": 4800}, False, "processing", URL, 4.8),
        ({"audio_ms": 7300, "ended_at_ms": 9}, False, "completed", URL, 7.3),
        ({"ended_at_ms": 9}, False, "completed", None, 0.0),
    ],
    ids=["begun", "running", "ended", "stored", "silent"],
)
def test_a_recording_grows_and_is_completed_when_it_is_stored(
    task: dict[str, int], live: bool, status: str, url: str | None, seconds: float
) -> None:
    assert stands(mesh_with(**task), live) == {
        "enabled": True, "status": status, "url": url, "duration_seconds": seconds,
    }  # fmt: skip


def test_what_is_deleted_or_cannot_be_asked_for_is_unavailable() -> None:
    gone = {"enabled": True, "status": "unavailable", "url": None, "duration_seconds": None}
    assert stands(Mesh(), live=True) == gone
    mesh = mesh_with(audio_ms=1)
    mesh.away = MeshError(FaultCode.UNAVAILABLE, "the archive cannot be reached")
    assert stands(mesh) == gone


def read(mesh: Mesh, name: str = "sess_1", /, part: str = "", **query: str) -> Any:
    sent = {"authorization": "Bearer key", "range": part}
    return mesh.run(recording.audio(request(None, name, headers=sent, query=query)))


def test_audio_is_served_whole_in_ranges_and_in_other_formats() -> None:
    mesh = mesh_with(audio_ms=1000)
    whole, part = read(mesh), read(mesh, part="bytes=100-199", channel="1")
    assert (whole.status, whole.headers["Content-Length"], whole.body.media_type) == (
        200,
        "1000",
        "audio/ogg",
    )
    assert (part.status, part.headers["Content-Range"]) == (206, "bytes 100-199/1000")
    for kind, media in (("wav", "audio/wav"), ("m4a", "audio/mp4")):
        answer = read(mesh, format=kind)
        assert isinstance(answer.body, Pieces) and answer.body.media_type == media


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"format": "mp3"}, "format"), ({"format": ""}, "format"), ({"channel": "0"}, "channel"),
        ({"channel": "3"}, "channel"), ({"channel": ""}, "channel"), ({"channel": "\u0661"}, "channel"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_format_or_channel_is_told(query: dict[str, str], param: str) -> None:
    answer = read(mesh_with(audio_ms=1000), "sess_1", **query)
    assert (answer.status, answer.body["error"]["param"]) == (400, param)


def absent(answer: Any) -> bool:
    error = answer.body["error"]
    return (answer.status, error["type"], error["code"]) == (404, "not_found_error", "recording_not_found")


def test_what_there_is_not_is_not_found() -> None:
    mesh = mesh_with(audio_ms=1000)
    assert absent(read(mesh, channel="2"))
    for name in ("sess_2", "*", "a.b", ""):
        assert absent(read(mesh, name))
        assert absent(mesh.run(recording.delete(request(None, name))))


def test_a_recording_is_deleted_once() -> None:
    mesh = mesh_with(audio_ms=1000)
    deleted = mesh.run(recording.delete(request(None, "sess_1")))
    assert (deleted.status, deleted.body) == (200, {"id": "sess_1", "object": "recording", "deleted": True})
    assert (
        mesh.tasks == {}
        and absent(read(mesh))
        and absent(mesh.run(recording.delete(request(None, "sess_1"))))
    )


@pytest.mark.parametrize("handle", [recording.audio, recording.delete], ids=["audio", "delete"])
def test_other_refusals_stay_what_they_are(handle: Any) -> None:
    mesh = mesh_with(audio_ms=1000)
    mesh.away = MeshError(FaultCode.UNAVAILABLE, "the archive cannot be reached")
    with pytest.raises(MeshError):
        mesh.run(handle(request(None, "sess_1")))
    with pytest.raises(PeerError) as refused:
        mesh.run(handle(request(None, "sess_1", headers={"authorization": "Bearer kst_1"})))
    assert refused.value.code is FaultCode.INVALID_CREDENTIAL
    exchange = handle(request(None, "sess_1"))
    next(exchange)
    exchange.send(rpc.AuthenticateReply(account_id="acc_key", key_id="k_1"))
    with pytest.raises(PeerError) as limited:
        exchange.throw(PeerError(FaultCode.RATE_LIMITED, "slower"))
    assert limited.value.code is FaultCode.RATE_LIMITED
