"""A uvicorn server with an application of a test's own, and a client that sends what it likes."""

import asyncio
import base64
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from dragoman_edge.server.websocket import WebSocketProtocol
from dragoman_kit.ops import Server
from tests.support.waiting import WAIT_S

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
KINDS: dict[str, dict[str, Any]] = {
    "uvicorn": {"ws": "websockets-sansio"},
    "ours": {"ws": WebSocketProtocol},
}
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class App:
    """An application for one socket; remembers what it was told."""

    def __init__(self, body: Callable[[Receive, Send], Awaitable[None]]) -> None:
        self.scope: Message = {}
        self.told: list[Message] = []
        self.over = asyncio.Event()
        self._body = body

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def told() -> Message:
            self.told.append(await receive())
            return self.told[-1]

        self.scope = scope
        try:
            await self._body(told, send)
        finally:
            self.over.set()

    async def end(self) -> Message:
        """The last message that it was told, once it is over."""
        async with asyncio.timeout(WAIT_S):
            await self.over.wait()
        return self.told[-1]


async def echo(receive: Receive, send: Send) -> None:
    """Accept, send back everything."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send(message | {"type": "websocket.send"})


class Served:
    """A server that runs."""

    def __init__(self, server: Server, port: int) -> None:
        self.server = server
        self.port = port
        self.url = f"ws://127.0.0.1:{port}/"

    async def connection(self) -> Any:
        """The protocol of its only websocket."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for connection in self._connections():
                    if isinstance(connection, WebSocketsSansIOProtocol):
                        return connection
                await asyncio.sleep(0.01)

    async def gone(self) -> None:
        """Until it has no connection."""
        async with asyncio.timeout(WAIT_S):
            while self._connections():  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.01)

    def _connections(self) -> set[Any]:
        return self.server.server_state.connections


@contextlib.asynccontextmanager
async def served(kind: str, app: App, **options: Any) -> AsyncIterator[Served]:
    """A real server on a real port; no pings and no compression unless `options` say so."""
    chosen = {"ws_ping_interval": None, "ws_per_message_deflate": False, **KINDS[kind], **options}
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, **chosen)
    server = Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server.serve([listening]))
        try:
            async with asyncio.timeout(WAIT_S):
                while not server.started:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            yield Served(server, listening.getsockname()[1])
        finally:
            server.should_exit = True
            done, _ = await asyncio.wait({task}, timeout=5)
            if not done:
                server.force_exit = True
            await task


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bool = True, rsv: int = 0) -> bytes:
    """As a client writes it, right or wrong."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    masked = 0x80 if mask else 0
    if len(payload) < 126:
        header = struct.pack("!BB", first, masked | len(payload))
    elif len(payload) < 1 << 16:
        header = struct.pack("!BBH", first, masked | 126, len(payload))
    else:
        header = struct.pack("!BBQ", first, masked | 127, len(payload))
    if not mask:
        return header + payload
    key = os.urandom(4)
    number = int.from_bytes(payload) ^ int.from_bytes((key * (len(payload) // 4 + 1))[: len(payload)])
    return header + key + number.to_bytes(len(payload))


def close_frame(code: int, reason: bytes = b"") -> bytes:
    """A client's close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason)


class Raw:
    """A client that writes bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def handshake(self, headers: str = "", behind: bytes = b"") -> tuple[int, str, bytes]:
        """Status, headers and body of the answer; `behind` is written together with the request."""
        key = base64.b64encode(bytes(16)).decode()
        request = (
            "GET /some%20path?a=b HTTP/1.1\r\nHost: x\r\n"
            "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n"
        )
        self.writer.write(request.encode() + behind)
        return await self.answer()

    async def answer(self) -> tuple[int, str, bytes]:
        """The answer to a handshake."""
        async with asyncio.timeout(WAIT_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            status = int(head.split()[1])
            body = b"" if status == 101 else await self.reader.read()
        return status, head, body

    async def write(self, data: bytes) -> None:
        """Wait until it is written."""
        self.writer.write(data)
        async with asyncio.timeout(WAIT_S):
            await self.writer.drain()

    async def read(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; every one of a server is whole and has no mask."""
        async with asyncio.timeout(WAIT_S):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            assert first & 0xF0 == 0x80
            return first & 0x0F, await self.reader.readexactly(length)

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the close frame that comes next, and nothing behind it but the end."""
        opcode, payload = await self.read()
        assert opcode == CLOSE, (opcode, payload)
        await self.ended()
        return int.from_bytes(payload[:2]), payload[2:].decode()

    async def ended(self) -> None:
        """The server ends the connection."""
        async with asyncio.timeout(WAIT_S):
            with contextlib.suppress(ConnectionError):
                assert await self.reader.read() == b""


@contextlib.asynccontextmanager
async def raw(port: int, **options: Any) -> AsyncIterator[Raw]:
    """A connection without a handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Raw]:
    """A websocket."""
    async with raw(port) as made:
        status, _, _ = await made.handshake()
        assert status == 101
        yield made
