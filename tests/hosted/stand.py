"""A real HTTP server on this machine that stands in for a vendor's, and can be told to misbehave."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI

from tests.support.waiting import WAIT_S

KEY = "sk-hunter2-0123456789"
MB = bytes(1 << 20)


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Stand:
    """A mood a request: a status, "slow", "drip", "truncated", "huge", bytes to answer, or a URL to go to."""

    app: FastAPI
    moods: deque[Any] = field(default_factory=deque)
    always: Any = None  # the mood when there is none left
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0  # MB of what is huge
    gone: int = 0  # slow requests that their client gave up
    retry_after: str = ""
    port: int = 0
    _server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await self._body(receive)
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        self.asked.append(Asked(scope["method"], scope["path"], headers, body))
        mood = self.moods.popleft() if self.moods else self.always
        if mood is None:
            await self.app(scope, _again(body, receive), send)
        else:
            await self._misbehave(mood, receive, send)

    async def _body(self, receive: Any) -> bytes:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return body

    async def _misbehave(self, mood: Any, receive: Any, send: Any) -> None:
        match mood:
            case int():
                extra = [(b"retry-after", self.retry_after.encode())] if self.retry_after else []
                # A server may say in its error with which key it was asked.
                answer = json.dumps({"error": {"message": f"no: {KEY}", "type": "x", "code": None}}).encode()
                await _answer(send, mood, answer, extra)
            case "slow":
                message = await receive()  # nothing more comes but the end of the connection
                self.gone += message["type"] == "http.disconnect"
            case "drip":
                await _start(send, 200, [])
                while (await _soon(receive)) is None:
                    await send({"type": "http.response.body", "body": b" ", "more_body": True})
            case "truncated":
                await _start(send, 200, [(b"content-length", b"1000")])
                await send({"type": "http.response.body", "body": b'{"choices": [', "more_body": True})
                raise RuntimeError("broken off")
            case "huge":
                await _start(send, 200, [])
                while self.sent < 1024 and (await _soon(receive, 0.0)) is None:
                    await send({"type": "http.response.body", "body": MB, "more_body": True})
                    self.sent += 1
            case str():
                await _answer(send, 307, b"", [(b"location", mood.encode())])
            case bytes():
                await _answer(send, 200, mood, [])

    def start(self) -> None:
        """Listen, on the same port as before."""
        config = uvicorn.Config(
            self, host="127.0.0.1", port=self.port, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = server = uvicorn.Server(config)
        server.capture_signals = _no_signals  # type: ignore[method-assign]
        self._thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
        self._thread.start()
        while not server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "the server does not start"
        self.port = server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Hear nothing any more."""
        self._server.should_exit = True
        self._thread.join(10)


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


@contextmanager
def standing(app: FastAPI) -> Iterator[Stand]:
    stand = Stand(app)
    stand.start()
    try:
        yield stand
    finally:
        stand.stop()


def _again(body: bytes, receive: Any) -> Any:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Any:
        return messages.pop() if messages else await receive()

    return replay


async def _soon(receive: Any, within_s: float = 0.02) -> Any:
    try:
        return await asyncio.wait_for(receive(), within_s or 0.001)
    except TimeoutError:
        return None


async def _start(send: Any, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    given = [(b"content-type", b"application/json"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": given})


async def _answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    await _start(send, status, [(b"content-length", str(len(body)).encode()), *headers])
    await send({"type": "http.response.body", "body": body})


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in a server's thread."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
