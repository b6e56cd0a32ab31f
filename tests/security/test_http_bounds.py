"""Attack H6: requests that only begin, or never end their headers, against a real server of ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect

from dragoman_edge.server.websocket import WebSocketProtocol
from dragoman_kit import bounded_http
from dragoman_kit.ops import bound_port, serve_http, stop_http
from dragoman_kit.settings import ServiceSettings
from tests.support.waiting import WAIT_S

MEGABYTE = 1 << 20


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, and says whose request it was and how long."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = f"{scope['client'][0]} {len(body)}".encode()
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[int]:
    server, task = await serve_http(app, ServiceSettings(), lifespan="off", **options)
    yield bound_port(server)
    await stop_http(server, task)


async def told(port: int, *parts: bytes) -> tuple[bytes, int]:
    """What the server answers to the parts, and how many bytes it took before it closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = 0
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            taken += len(part)
    except ConnectionError:
        pass
    try:
        async with asyncio.timeout(WAIT_S):
            return await reader.read(), taken
    except ConnectionError:
        return b"", taken
    finally:
        writer.close()


def small_headers(total: int) -> Iterator[bytes]:
    line = b"a: b\r\n" * 2000
    yield b"GET / HTTP/1.1\r\nHost: x\r\n"
    for _ in range(total // len(line)):
        yield line


ATTACKS = {
    "many small headers": lambda: small_headers(64 * MEGABYTE),
    "one endless header": lambda: [b"GET / HTTP/1.1\r\na: ", *[b"x" * 65536] * 200],
    "an endless name": lambda: [b"GET / HTTP/1.1\r\n", *[b"x" * 65536] * 200],
    "an endless path": lambda: [b"GET /", *[b"x" * 65536] * 200],
    "endless trailers": lambda: [
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", *[b"a: b\r\n" * 10000] * 50
    ],
    "an endless chunk extension": lambda: [
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", *[b"x" * 65536] * 200
    ],
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_what_has_no_end_is_cut_off_soon(attack: Any) -> None:
    async with serving() as port:
        answer, taken = await told(port, *attack())
        assert not answer or answer.startswith(b"HTTP/1.1 400")
        assert taken < 8 * MEGABYTE  # what the sockets hold


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"\r\n",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab",
    ],
)
async def test_what_only_begins_is_cut_off_in_time(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.05)
    monkeypatch.setattr(bounded_http, "BODY_S", 0.05)
    async with serving() as port:
        assert (await told(port, begun))[0] == b""


async def test_a_connection_that_was_used_once_is_cut_off_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.5)
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serving() as port:
        assert (await told(port, request + b"\r\n"))[0].count(b"200 OK") == 1


async def test_usual_requests_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = b"".join(b"1\r\nx\r\n" for _ in range(3000))
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    long = (
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000
    )
    async with serving() as port:
        answer, _ = await told(port, chunked, long)
        assert answer.endswith(b"127.0.0.1 200000") and b"127.0.0.1 3000" in answer


FORWARDED = (
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 9.9.9.9, 8.8.8.8, 10.1.2.3\r\n\r\n"
)


async def test_nobody_is_believed_to_be_a_proxy_unless_named() -> None:
    async with serving() as port:
        assert (await told(port, FORWARDED))[0].endswith(b"127.0.0.1 0")


async def test_of_trusted_proxies_the_last_address_that_is_not_theirs_counts() -> None:
    async with serving(proxy_headers=True, forwarded_allow_ips="127.0.0.0/8, 10.0.0.0/8") as port:
        assert (await told(port, FORWARDED))[0].endswith(b"8.8.8.8 0")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """A websocket that answers each message."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def test_a_websocket_outlives_the_times_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.5)
    monkeypatch.setattr(bounded_http, "BODY_S", 0.5)
    server, task = await serve_http(echo, ServiceSettings(), lifespan="off", ws=WebSocketProtocol)
    async with connect(f"ws://127.0.0.1:{bound_port(server)}/", open_timeout=WAIT_S) as socket:
        await asyncio.sleep(0.8)
        await socket.send("still there")
        assert await socket.recv() == "still there"
    await stop_http(server, task)
