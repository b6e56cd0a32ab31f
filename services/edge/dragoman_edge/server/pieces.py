"""Responses that go out piece by piece: what a handler yields, as it comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any

from fastapi import Response
from starlette.types import Receive, Scope, Send

from dragoman_contract.errors import DragomanError
from dragoman_edge.media.transcoding import CONVERTERS
from dragoman_edge.model.http import HttpResponse, Pieces
from dragoman_edge.model.requests import Ask
from dragoman_edge.server.sse import breaker
from dragoman_kit.logging import get
from dragoman_kit.tasks import end

log = get(__name__)


class PiecesResponse(Response):
    """The response of a handler whose body is `Pieces`.

    One that cannot be completed is broken off: its client sees that it is not whole.

    Args:
        ask: answers a question of the handler.
        send_timeout_s: how long a client may leave a piece unread.
    """

    def __init__(
        self,
        response: HttpResponse,
        body: Pieces,
        ask: Callable[[Ask], Awaitable[Any]],
        send_timeout_s: float,
    ) -> None:
        super().__init__(None, response.status, response.headers, body.media_type)
        if "Content-Length" not in response.headers:
            del self.headers["content-length"]
        self._convert, self._begin = body.convert, body.begin
        self._pieces = body.pieces
        self._ask = ask
        self._send_timeout_s = send_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all, or break the connection off."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        gone = asyncio.create_task(_gone(receive), name="response-client")
        try:
            async for piece in self._converted():
                if gone.done():  # a stream that lasts would go on for nobody
                    return
                await self._send(send, piece, more=True)
            await self._send(send, b"", more=False)
        except (DragomanError, TimeoutError) as exc:
            log.warning("a response was broken off", error=type(exc).__name__)
            breaker(receive)()
        finally:
            await end(gone)

    async def _converted(self) -> AsyncIterator[bytes]:
        """What goes out; decoding and encoding are done beside the event loop."""
        converter = CONVERTERS[self._convert]() if self._convert else None
        if self._begin:
            yield self._begin
        async for piece in texts(self._pieces, self._ask):
            if isinstance(piece, str) or converter is None:
                yield piece.encode() if isinstance(piece, str) else piece
            elif made := await asyncio.to_thread(converter.feed, piece):
                yield made
        if converter is not None:
            yield await asyncio.to_thread(converter.finish)

    async def _send(self, send: Send, data: bytes, *, more: bool) -> None:
        async with asyncio.timeout(self._send_timeout_s):
            await send({"type": "http.response.body", "body": data, "more_body": more})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def texts(
    pieces: Generator[Any, Any, None], ask: Callable[[Ask], Awaitable[Any]]
) -> AsyncIterator[str | bytes]:
    """The texts and bytes that a generator yields; its questions are answered.

    Raises:
        DragomanError: the answer to a question that the generator does not catch.
    """
    answer: Any = None
    error: DragomanError | None = None
    while True:
        try:
            piece = pieces.send(answer) if error is None else pieces.throw(error)
        except StopIteration:
            return
        answer = error = None
        if isinstance(piece, str | bytes):
            yield piece
            continue
        try:
            answer = await ask(piece)
        except DragomanError as exc:
            error = exc
