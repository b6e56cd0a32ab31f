"""The streams of viewers: server-sent events (HTML, section 9.2) over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_edge.broadcast.viewer_stream import ViewerStream
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.dialects.api import ServesViewers
from dragoman_edge.model.http import HttpRequest
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)
RETRY = b"retry: 2000\n\n"  # ms until a browser comes back to a stream that broke
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy is not to gather them
    (b"access-control-allow-origin", b"*"),  # pages of viewers may be anywhere; nothing of theirs is used
)


class SseEndpoint:
    """The ASGI application behind one dialect's `watch_path`. `viewers` is set once the bus is there."""

    def __init__(
        self, dialect: ServesViewers, read: Callable[[Request], Awaitable[HttpRequest]], send_timeout_s: float
    ) -> None:
        self.viewers: Viewers | None = None
        self._dialect = dialect
        self._read = read
        self._send_timeout_s = send_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One viewer, from the request to the end of its stream."""
        request: HttpRequest | None = None
        try:
            request = await self._read(Request(scope, receive))
            watch = self._dialect.watch(request)
            if self.viewers is None:
                raise MeshError(FaultCode.UNAVAILABLE, "the service is starting", retry_after_ms=1000)
            async with self.viewers.stream(watch, request.source, self._dialect.viewing) as stream:
                await self._stream(stream, receive, send)
        except DragomanError as exc:
            answer = self._dialect.refuse_viewer(exc, request)
            await JSONResponse(answer.body, answer.status, answer.headers)(scope, receive, send)

    async def _stream(self, stream: ViewerStream, receive: Receive, send: Send) -> None:
        stream.break_off = breaker(receive)
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        await send({"type": "http.response.body", "body": RETRY, "more_body": True})
        gone = asyncio.create_task(_gone(receive, stream), name="viewer")
        try:
            while (data := await stream.get()) is not None:
                async with asyncio.timeout(self._send_timeout_s):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            async with asyncio.timeout(self._send_timeout_s):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            stream.break_off()
        finally:
            await end(gone)


async def _gone(receive: Receive, stream: ViewerStream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.close()


def breaker(receive: Receive) -> Callable[[], None]:
    """Return what breaks the connection off: who does not read would keep an orderly close waiting for ever.

    ASGI has no word for it; uvicorn's `receive` is a method of the cycle that has the transport.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    return transport.abort if transport is not None else lambda: None
