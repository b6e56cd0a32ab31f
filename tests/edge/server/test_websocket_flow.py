"""The websocket protocol over a transport in memory: when it reads, what pongs wait, who is cut off."""

import asyncio
import base64
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState

from dragoman_edge.server import websocket
from dragoman_edge.server.websocket import INBOX, MESSAGE_BYTES, WAITING_BYTES, WebSocketProtocol
from tests.support.sockets import BINARY, CONT, PING, PONG, TEXT, App, Receive, Send, close_frame, frame
from tests.support.waiting import WAIT_S

TAKEN = WAITING_BYTES - MESSAGE_BYTES  # the longest single message that pauses nothing


class Transport(asyncio.Transport):
    """Remembers what was written and whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.reading = True
        self.closed = False
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True


class Client:
    """A websocket whose application takes a message whenever `take` is called."""

    def __init__(self, **options: Any) -> None:
        self.transport = Transport()
        self._turns = asyncio.Semaphore(0)
        self._taken: asyncio.Queue[Any] = asyncio.Queue()
        self.app = App(self._body)
        config = uvicorn.Config(
            self.app, lifespan="off", log_config=None, ws_per_message_deflate=False, **options
        )
        self.protocol = WebSocketProtocol(config, ServerState(), {}, asyncio.get_running_loop())

    async def _body(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await self._turns.acquire()
            message = await receive()
            self._taken.put_nowait(message)
            if message["type"] == "websocket.disconnect":
                return

    async def begin(self) -> None:
        self.protocol.connection_made(self.transport)
        key = base64.b64encode(bytes(16)).decode()
        self.protocol.data_received(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key.encode() + b"\r\n\r\n"
        )
        async with asyncio.timeout(WAIT_S):
            while not self.protocol.handshake_complete:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0)
        self.transport.written.clear()

    async def take(self) -> Any:
        """The application's next message."""
        self._turns.release()
        async with asyncio.timeout(WAIT_S):
            return await self._taken.get()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(ws_ping_interval=None)
    await made.begin()
    yield made
    made.protocol.data_received(close_frame(1000))
    while (await made.take())["type"] != "websocket.disconnect":
        pass
    await asyncio.gather(*made.protocol.tasks)


# What waits for the application


async def test_reading_is_not_paused_for_each_message(client: Client) -> None:
    for _ in range(3):
        client.protocol.data_received(frame(BINARY, b"audio"))
    assert client.transport.reading
    assert [(await client.take())["bytes"] for _ in range(3)] == [b"audio"] * 3


@pytest.mark.parametrize(("size", "reads"), [(TAKEN, True), (TAKEN + 1, False)])
async def test_reading_is_paused_above_a_bound(client: Client, size: int, reads: bool) -> None:
    client.protocol.data_received(frame(BINARY, bytes(size)))
    assert client.transport.reading is reads
    await client.take()
    client._turns.release()  # uvicorn reads on when the application asks for more
    for _ in range(3):
        await asyncio.sleep(0)
    assert client.transport.reading
    client.protocol.data_received(frame(BINARY, b"more"))


async def test_small_messages_count_beside_their_data(client: Client) -> None:
    count = WAITING_BYTES // (MESSAGE_BYTES + 1)
    for _ in range(count):
        client.protocol.data_received(frame(BINARY, b"a"))
    assert client.transport.reading
    client.protocol.data_received(frame(BINARY, b"a"))
    assert not client.transport.reading
    client.protocol.data_received(frame(BINARY, b"a"))  # it had been read already
    assert not client.transport.reading


async def test_what_comes_after_the_close_is_discarded(client: Client) -> None:
    client.protocol.close_sent = True
    client.protocol.data_received(frame(BINARY, bytes(TAKEN + 1)))
    assert client.transport.reading and client.protocol._inbox.empty()
    client.protocol.close_sent = False


# How it is read

STREAM = [
    (frame(BINARY, b"one"), b"one"),
    (frame(TEXT, b"two"), "two"),
    (frame(BINARY, bytes(300)), bytes(300)),  # a length of two bytes
    (frame(BINARY), b""),
    (frame(PING, b"ping"), None),
    (frame(BINARY, b"thr", fin=False) + frame(PING) + frame(CONT, b"ee"), b"three"),
    (frame(BINARY, bytes(range(256)) * 280), bytes(range(256)) * 280),  # a length of eight bytes
    (frame(BINARY, b"four"), b"four"),
]
SENT = b"".join(sent for sent, _ in STREAM)
MEANT = [meant for _, meant in STREAM if meant is not None]


def _cuts(step: int) -> list[bytes]:
    return [SENT[begin : begin + step] for begin in range(0, len(SENT), step)]


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 13, 14, 15, 300, 1000, len(SENT)])
async def test_messages_are_the_same_wherever_what_is_read_is_cut(client: Client, step: int) -> None:
    for cut in _cuts(step):
        client.protocol.data_received(cut)
    taken = [await client.take() for _ in MEANT]
    assert [message.get("text", message.get("bytes")) for message in taken] == MEANT
    assert b"".join(client.transport.written) == frame(PONG, b"ping", mask=False) + frame(PONG, mask=False)


async def test_messages_behind_a_close_are_discarded() -> None:
    client = Client(ws_ping_interval=None)
    await client.begin()
    client.protocol.data_received(frame(BINARY, b"a") + close_frame(1001) + frame(BINARY, b"b"))
    assert (await client.take())["bytes"] == b"a"
    assert (await client.take())["code"] == 1001
    assert client.protocol._inbox.empty()
    client.protocol.connection_lost(None)


async def test_a_message_that_is_too_long_ends_the_connection() -> None:
    client = Client(ws_ping_interval=None, ws_max_size=100)
    await client.begin()
    client.protocol.data_received(frame(BINARY, bytes(100)) + frame(BINARY, bytes(101)))
    assert len((await client.take())["bytes"]) == 100
    assert (await client.take())["code"] == 1009 and client.transport.closed
    client.protocol.data_received(frame(BINARY, b"more"))
    assert client.protocol._inbox.empty()
    client.protocol.connection_lost(None)


async def test_the_application_finds_the_inbox_in_its_scope(client: Client) -> None:
    assert client.app.scope["extensions"][INBOX] is client.protocol._inbox


async def test_what_is_gathered_does_not_wait_once_reading_is_paused(client: Client) -> None:
    client.protocol._inbox.gather(SimpleNamespace(ms=1_000_000), 1e9, 1 << 30)
    taken = asyncio.create_task(client.take())
    while client.protocol._inbox._filled is None:  # noqa: ASYNC110  the reader has no event for it
        await asyncio.sleep(0)
    for _ in range(WAITING_BYTES // 1000):
        client.protocol.data_received(frame(BINARY, bytes(999)))
    assert len((await taken)["bytes"]) >= 999


# Pings and pongs


async def test_pings_are_answered(client: Client) -> None:
    client.protocol.data_received(frame(PING, b"one") + frame(PING, b"two"))
    assert b"".join(client.transport.written) == frame(PONG, b"one", mask=False) + frame(
        PONG, b"two", mask=False
    )


async def test_a_client_that_does_not_read_gets_the_last_pong_alone(client: Client) -> None:
    client.protocol.pause_writing()
    for payload in (b"one", b"two"):
        client.protocol.data_received(frame(PING, payload))
    assert not client.transport.written
    client.protocol.resume_writing()
    assert client.transport.written == [frame(PONG, b"two", mask=False)]
    client.protocol.resume_writing()
    assert len(client.transport.written) == 1


async def test_a_client_that_answers_no_ping_is_closed() -> None:
    client = Client(ws_ping_interval=1000.0, ws_ping_timeout=1000.0)
    await client.begin()
    client.protocol.send_keepalive_ping()
    client.protocol.keepalive_timeout()
    assert client.transport.closed
    client.protocol.connection_lost(None)
    await client.take()
    client.protocol.stop_keepalive()


async def test_a_pong_behind_messages_that_were_not_read_has_its_time_again() -> None:
    client = Client(ws_ping_interval=1000.0, ws_ping_timeout=1000.0)
    await client.begin()
    client.protocol.data_received(frame(BINARY, bytes(TAKEN + 1)))
    client.protocol.send_keepalive_ping()
    client.protocol.keepalive_timeout()
    assert not client.transport.closed
    await client.take()
    client._turns.release()
    for _ in range(3):
        await asyncio.sleep(0)
    client.protocol.keepalive_timeout()  # it was paused in between
    assert not client.transport.closed
    client.protocol.keepalive_timeout()
    assert client.transport.closed
    client.protocol.connection_lost(None)
    async with asyncio.timeout(WAIT_S):
        await client._taken.get()
    client.protocol.stop_keepalive()


# The end


async def test_a_client_that_takes_nothing_is_cut_off_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "LINGER_S", 0.0)
    client = Client(ws_ping_interval=None)
    await client.begin()
    client.protocol.data_received(close_frame(1000))
    assert (await client.take())["code"] == 1000
    async with asyncio.timeout(WAIT_S):
        while not client.transport.aborted:  # noqa: ASYNC110  a timer does it
            await asyncio.sleep(0.001)


# What is written at once


async def test_messages_of_one_result_are_one_write(client: Client) -> None:
    client.app.scope["extensions"][websocket.WRITE](["one", b"two"])
    assert client.transport.written == [frame(TEXT, b"one", mask=False) + frame(BINARY, b"two", mask=False)]


async def test_nothing_is_written_at_once_after_a_close(client: Client) -> None:
    client.protocol.data_received(close_frame(1000))
    client.transport.written.clear()
    with pytest.raises(ClientDisconnected):
        client.protocol.write(["one"])
    assert not client.transport.written


# Whether the client is there


def pings(client: Client) -> list[bytes]:
    """Payloads of the pings that were written."""
    return [data[2:] for data in client.transport.written if data[0] & 0x0F == PING]


async def test_a_client_has_answered_once_what_it_sent_before_is_taken(client: Client) -> None:
    presence = client.app.scope["extensions"][websocket.PRESENCE]
    assert presence is client.protocol and not presence.answered
    presence.ask()
    (question,) = pings(client)
    client.protocol.data_received(frame(PONG, b"another"))
    assert not presence.answered
    client.protocol.data_received(frame(BINARY, b"audio") + frame(PONG, question))
    assert not presence.answered
    await client.take()
    assert presence.answered
    presence.ask()
    assert not presence.answered and len(set(pings(client))) == 2


async def test_a_client_that_has_closed_is_not_asked(client: Client) -> None:
    client.protocol.data_received(close_frame(1000))
    client.transport.written.clear()
    client.protocol.ask()
    assert client.transport.written == [] and not client.protocol.answered
