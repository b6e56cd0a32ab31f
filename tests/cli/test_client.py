"""A session of the Krisp dialect over sockets of this test: results, breaks, resumes, refusals."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus, InvalidURI
from websockets.frames import Close
from websockets.http11 import Response

from dragoman_cli import client as module
from dragoman_cli.client import TranslateError, Wish, translate
from dragoman_cli.results import Results
from tests.cli.test_results import transcript, translation

WISH = Wish("en-US", "es-ES", resume=True)
TOKEN = json.dumps({"session": {"resume_token": "r", "resume_window_ms": 60_000}})
DONE = (transcript("u", "hello"), translation("u", "hola"), b"ab")


def closed(code: int) -> ConnectionClosedError:
    return ConnectionClosedError(Close(code, ""), None)


class Socket:
    """Gives its frames; what is an exception is raised. Then it is silent."""

    def __init__(self, *frames: Any) -> None:
        self.frames = list(frames)
        self.sent: list[Any] = []
        self.closed: list[int] = []

    async def __aenter__(self) -> "Socket":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, frame: Any) -> None:
        self.sent.append(frame)

    async def recv(self) -> Any:
        if not self.frames:
            await asyncio.sleep(60)
        frame = self.frames.pop(0)
        if isinstance(frame, Exception):
            raise frame
        return frame

    async def close(self, code: int) -> None:
        self.closed.append(code)


class Edges:
    """What each next connection is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *sockets: Any) -> None:
        self.sockets = list(sockets)
        self.asked: list[tuple[str, dict[str, str]]] = []
        monkeypatch.setattr(module, "connect", self.connect)
        monkeypatch.setattr(module, "RETRY_S", 0.001)

    def connect(self, address: str, additional_headers: dict[str, str], **_: Any) -> Any:
        self.asked.append((address, additional_headers))
        found = self.sockets.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


async def speech(count: int = 3) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(640)


async def done(**options: Any) -> Results:
    return await translate("http://edge:1/", "k", WISH, speech(), quiet_s=0.01, settle_s=0.01, **options)


async def test_speech_goes_out_and_results_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    socket, shown = Socket(*DONE), []
    edges = Edges(monkeypatch, socket)
    results = await done(show=lambda event: shown.append(event.kind))
    assert edges.asked == [("ws://edge:1/vt", {"Authorization": "api-key k"})]
    assert json.loads(socket.sent[0])["config"]["target_language"] == "es-ES"
    assert b"".join(socket.sent[1:]) == bytes(3 * 640)
    assert results.utterances["u"].translation == "hola" and shown == ["final", "translation", "audio"]


async def test_a_session_goes_on_at_another_edge_after_a_break(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Socket(TOKEN, transcript("u", "hello"), closed(1006))
    again = Socket(json.dumps({"session": {"audio_bytes_from": 640}}), translation("u", "hola"), b"ab")
    edges = Edges(monkeypatch, first, OSError(), again)
    results = await done(others=("http://second:1",))
    assert [address for address, _ in edges.asked] == [
        "ws://edge:1/vt", "ws://second:1/vt", "ws://edge:1/vt"
    ]  # fmt: skip
    assert json.loads(again.sent[0])["resume"]["received"]["transcripts"] == 1
    assert b"".join(again.sent[1:]) == bytes(2 * 640) and results.resumes == 1


async def test_an_edge_that_is_about_to_stop_is_left_with_the_code_for_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leaving = Socket(TOKEN, json.dumps({"session": {"reconnect": True}}))
    again = Socket(json.dumps({"session": {"audio_bytes_from": 0}}), *DONE)
    Edges(monkeypatch, leaving, again)
    await done()
    assert leaving.closed == [module.SERVICE_RESTART]


async def test_an_error_that_passes_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = json.dumps({"error": {"code": 429, "description": "later"}})
    Edges(
        monkeypatch,
        Socket(TOKEN, closed(1006)),
        Socket(busy),
        Socket(json.dumps({"session": {"audio_bytes_from": 0}}), *DONE),
    )
    assert (await done()).errors == []


@pytest.mark.parametrize(
    ("edge", "told"),
    [
        (Socket(closed(1011)), r"closed the connection \(1011\)"),
        (
            Socket(json.dumps({"error": {"code": 402, "description": "no credits"}}), closed(4402)),
            "no credits",
        ),
        (OSError(), "cannot be reached"),
        (InvalidURI("x", "no"), "is not the address of an edge"),
        (InvalidStatus(Response(404, "Not Found", {})), "answered HTTP 404"),  # type: ignore[arg-type]
    ],
)
async def test_what_cannot_be_is_told_for_people(
    monkeypatch: pytest.MonkeyPatch, edge: Any, told: str
) -> None:
    Edges(monkeypatch, edge)
    with pytest.raises(TranslateError, match=told):
        await done()


async def test_what_the_source_of_the_audio_raises_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(640)
        raise RuntimeError("the microphone is gone")

    Edges(monkeypatch, Socket(*DONE))
    with pytest.raises(RuntimeError, match="microphone"):
        await translate("http://edge", "k", WISH, broken(), quiet_s=0.01, settle_s=0.01)


def test_a_wish_says_only_what_is_wished() -> None:
    plain = json.loads(Wish("en", "es").message())["config"]
    assert (plain["features"], plain["metadata"], plain["vocabulary"]) == ({}, {}, [])
    full = Wish(
        "en", "es", vocabulary=("a",), dictionary=(("b", "c"),), reference="r", resume=True, interim=False
    )
    config = json.loads(full.message())["config"]
    assert config["translation_dictionary"] == [{"source": "b", "target": "c"}]
    assert config["features"] == {"resume": True} and config["metadata"] == {"reference_id": "r"}
    assert config["transcript"]["interim"] is False


async def test_a_failed_utterance_keeps_no_session_from_being_resumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = json.dumps({"error": {"code": 500, "description": "utterance 1: translation failed"}})
    again = Socket(json.dumps({"session": {"audio_bytes_from": 0}}), *DONE)
    Edges(monkeypatch, Socket(TOKEN, failed, ConnectionClosedError(None, None)), again)
    results = await done()
    assert results.resumes == 1 and list(results.utterances) == ["u"]
