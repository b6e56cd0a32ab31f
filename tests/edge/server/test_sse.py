"""A viewer's stream of server-sent events as an ASGI application: begun, refused, broken off."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.broadcast.viewer_stream import SseChunk, ViewerStream
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.viewers import ViewerRequest
from dragoman_edge.server.sse import RETRY, SseEndpoint
from tests.support.waiting import WAIT_S

Message = MutableMapping[str, Any]
WATCH = ViewerRequest("b_1", "es")


class Watched:
    """A dialect with viewers."""

    watch_path = "/watch"

    def __init__(self) -> None:
        self.error: DragomanError | None = None
        self.viewing: Any = object()

    def watch(self, request: HttpRequest) -> ViewerRequest:
        if self.error is not None:
            raise self.error
        return WATCH

    def refuse_viewer(self, error: DragomanError, request: HttpRequest | None) -> HttpResponse:
        return HttpResponse(400, {"code": str(error.code), "read": request is not None}, {"x-a": "b"})


class Viewer:
    """The client's side of one stream."""

    def __init__(self, read_fails: DragomanError | None = None, send_timeout_s: float = 5) -> None:
        self.dialect = Watched()
        self.stream = ViewerStream(WATCH, "10.0.0.9", 10_000)
        self.sent: list[Message] = []
        self.gone = asyncio.Event()
        self.stuck_after = 99
        self.aborted = False
        self.transport = SimpleNamespace(abort=self._abort)
        self.opened: list[tuple[ViewerRequest, str, Any]] = []
        self._read_fails = read_fails
        dialect: Any = self.dialect
        self.endpoint = SseEndpoint(dialect, self._read, send_timeout_s)
        viewers: Any = SimpleNamespace(stream=self._stream)
        self.endpoint.viewers = viewers

    def _abort(self) -> None:
        self.aborted = True

    async def _read(self, request: Request) -> HttpRequest:
        if self._read_fails is not None:
            raise self._read_fails
        return HttpRequest("GET", "/watch", {}, {}, {}, b"", "10.0.0.9", "http://edge", "n", "b")

    @asynccontextmanager
    async def _stream(self, watch: ViewerRequest, source: str, viewing: Any) -> AsyncIterator[ViewerStream]:
        self.opened.append((watch, source, viewing))
        yield self.stream

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if len(self.sent) >= self.stuck_after:
            await asyncio.Event().wait()
        self.sent.append(message)

    async def run(self) -> None:
        scope: Any = {"type": "http", "method": "GET", "path": "/watch", "headers": [], "query_string": b""}
        async with asyncio.timeout(WAIT_S):
            await self.endpoint(scope, self.receive, self._send)

    async def run_stuck(self) -> None:
        """From the first event on the client reads nothing more."""
        self.stuck_after = 2
        await self.run()

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.sent if m["type"] == "http.response.body")


async def test_a_viewer_gets_what_is_put_and_the_end() -> None:
    viewer = Viewer()
    viewer.stream.put(SseChunk(b"data: one\n\n"))
    viewer.stream.close()
    await viewer.run()
    assert viewer.opened == [(WATCH, "10.0.0.9", viewer.dialect.viewing)]
    assert (viewer.sent[0]["status"], dict(viewer.sent[0]["headers"])[b"cache-control"]) == (200, b"no-store")
    assert viewer.body == RETRY + b"data: one\n\n" and viewer.sent[-1]["more_body"] is False
    assert not viewer.aborted


async def test_a_viewer_that_leaves_ends_its_stream() -> None:
    viewer = Viewer()
    viewer.gone.set()
    await viewer.run()
    assert viewer.body == RETRY


async def test_a_viewer_that_does_not_read_is_broken_off() -> None:
    viewer = Viewer(send_timeout_s=0.01)
    viewer.stream.put(SseChunk(b"data: one\n\n"))
    await viewer.run_stuck()
    assert viewer.aborted


async def test_without_a_transport_there_is_nothing_to_break_off() -> None:
    viewer = Viewer(send_timeout_s=0.01)
    del viewer.transport
    viewer.stream.put(SseChunk(b"data: one\n\n"))
    await viewer.run_stuck()


@pytest.mark.parametrize(
    ("break_it", "code", "read"),
    [
        (lambda viewer: setattr(viewer.endpoint, "viewers", None), "unavailable", True),
        (
            lambda viewer: setattr(viewer.dialect, "error", PeerError(FaultCode.UNKNOWN_SESSION, "no")),
            "unknown_session",
            True,
        ),
        (
            lambda viewer: setattr(viewer, "_read_fails", PeerError(FaultCode.TOO_LARGE, "big")),
            "too_large",
            False,
        ),
    ],
    ids=["no bus yet", "no such broadcast", "not read"],
)
async def test_a_refused_viewer_hears_why(break_it: Callable[[Viewer], None], code: str, read: bool) -> None:
    viewer = Viewer()
    break_it(viewer)
    await viewer.run()
    assert viewer.sent[0]["status"] == 400 and (b"x-a", b"b") in viewer.sent[0]["headers"]
    assert json.loads(viewer.body) == {"code": code, "read": read}
