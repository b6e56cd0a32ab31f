"""The edge's websocket protocol does what uvicorn's own does: every test that takes `kind` runs over both."""

import asyncio
import contextlib
import socket

import pytest
from uvicorn.protocols.utils import ClientDisconnected
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from dragoman_edge.server import websocket
from dragoman_edge.server.websocket import WAITING_BYTES
from tests.support.edge_under_test import until
from tests.support.sockets import (
    BINARY,
    CLOSE,
    CONT,
    KINDS,
    PING,
    PONG,
    TEXT,
    App,
    Receive,
    Send,
    close_frame,
    connected,
    echo,
    frame,
    raw,
    served,
)
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration

ONE_READ = 256_000  # uvloop's


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Whose protocol."""
    return str(request.param)


# Handshake


async def test_accept_with_a_subprotocol_and_headers(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        assert await receive() == {"type": "websocket.connect"}
        await send({"type": "websocket.accept", "subprotocol": "b", "headers": [(b"x-told", b"yes")]})
        await receive()

    app = App(body)
    async with served(kind, app) as running, raw(running.port) as client:
        status, head, _ = await client.handshake("Sec-WebSocket-Protocol: a, b\r\nX-Mine: 1\r\n")
        assert status == 101
        assert "sec-websocket-accept: icx+yqv66kxgm0fcwalwlflwtai=" in head
        assert "sec-websocket-protocol: b\r\n" in head and "x-told: yes\r\n" in head
        scope = app.scope
        assert (scope["type"], scope["scheme"], scope["path"]) == ("websocket", "ws", "/some path")
        assert (scope["raw_path"], scope["query_string"]) == (b"/some%20path", b"a=b")
        assert scope["subprotocols"] == ["a", "b"] and (b"x-mine", b"1") in scope["headers"]
        assert scope["client"][0] == "127.0.0.1" and "websocket.http.response" in scope["extensions"]


async def test_no_small_message_waits_for_another_one() -> None:
    async with served("ours", App(echo)) as running, connected(running.port):
        made = (await running.connection()).transport.get_extra_info("socket")
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_handshake_may_be_answered_otherwise(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"text/x"), (b"retry-after", b"7")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"not ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"now"})
        await receive()

    app = App(body)
    async with served(kind, app) as running, raw(running.port) as client:
        status, head, said = await client.handshake(behind=frame(TEXT, b"early"))
        assert (status, said) == (429, b"not now")
        assert "retry-after: 7\r\n" in head and "content-length: 7\r\n" in head
        assert await app.end() == {"type": "websocket.disconnect", "code": 1006}


async def test_close_before_accept(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close"})
        await receive()

    app = App(body)
    async with served(kind, app) as running, raw(running.port) as client:
        status, _, _ = await client.handshake()
        assert status == 403
        assert await app.end() == {"type": "websocket.disconnect", "code": 1006}


async def test_a_handshake_that_is_none(kind: str) -> None:
    app = App(echo)
    async with served(kind, app) as running, raw(running.port) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        status, _, _ = await client.answer()
        assert status == 400 and not app.told


@pytest.mark.parametrize("raises", [True, False])
async def test_an_application_that_ends_without_an_answer(kind: str, raises: bool) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        if raises:
            raise RuntimeError("x")

    async with served(kind, App(body)) as running, raw(running.port) as client:
        status, _, _ = await client.handshake()
        assert status == 500


async def test_an_application_that_raises_on_an_open_socket(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        raise RuntimeError("x")

    async with served(kind, App(body)) as running, connect(running.url) as client:
        with pytest.raises(ConnectionClosedError) as told:
            await client.recv()
        assert told.value.rcvd is None  # no close frame


async def test_what_comes_before_the_accept_is_not_lost(kind: str) -> None:
    accept = asyncio.Event()

    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await accept.wait()
        await echo_on(receive, send)

    async with served(kind, App(body)) as running, raw(running.port) as client:
        answer = asyncio.create_task(client.handshake())
        await running.connection()
        await asyncio.sleep(0.05)
        second = frame(BINARY, b"second")
        await client.write(frame(TEXT, b"first") + second[:7])
        await asyncio.sleep(0.05)
        accept.set()
        assert (await answer)[0] == 101
        await client.write(second[7:] + frame(TEXT, b"third"))
        assert [await client.read() for _ in range(3)] == [
            (TEXT, b"first"),
            (BINARY, b"second"),
            (TEXT, b"third"),
        ]


async def echo_on(receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send(message | {"type": "websocket.send"})


# Messages


@pytest.mark.parametrize("size", [0, 1, 125, 126, 4096, 65_535, 65_536, 1_000_000])
async def test_messages_of_any_length_go_both_ways(kind: str, size: int) -> None:
    async with served(kind, App(echo)) as running, connect(running.url, max_size=None) as client:
        for message in (bytes(size), "ä" * (size // 2), "€" * (size // 3)):
            await client.send(message)
            assert await client.recv() == message


async def test_messages_as_the_application_sees_them(kind: str) -> None:
    app = App(echo)
    async with served(kind, app) as running, connected(running.port) as client:
        await client.write(frame(TEXT, "ä".encode()) + frame(BINARY, b"\xff") + frame(TEXT) + frame(BINARY))
        for _ in range(4):
            await client.read()
        assert app.told[1:] == [
            {"type": "websocket.receive", "text": "ä"},
            {"type": "websocket.receive", "bytes": b"\xff"},
            {"type": "websocket.receive", "text": ""},
            {"type": "websocket.receive", "bytes": b""},
        ]


async def test_fragments_are_joined_around_control_frames(kind: str) -> None:
    whole = "ä€x".encode()
    sent = [
        frame(TEXT, whole[:1], fin=False),
        frame(PING, b"1"),
        frame(CONT, whole[1:4], fin=False),
        frame(CONT, b"", fin=False),
        frame(PONG, b"of nothing"),
        frame(CONT, whole[4:]),
        frame(BINARY, b"", fin=False),
        frame(CONT, b"\x00"),
        frame(BINARY, b"end"),
    ]
    expected = [(PONG, b"1"), (TEXT, whole), (BINARY, b"\x00"), (BINARY, b"end")]
    async with served(kind, App(echo)) as running, connected(running.port) as client:
        await client.write(b"".join(sent))
        assert [await client.read() for _ in expected] == expected
        for byte in b"".join(sent):
            await client.write(bytes((byte,)))
            await asyncio.sleep(0)
        assert [await client.read() for _ in expected] == expected


BREACHES = {
    "no mask": (frame(TEXT, b"x", mask=False), 1002),
    "reserved bit 1": (frame(TEXT, b"x", rsv=4), 1002),
    "reserved bit 2": (frame(BINARY, b"x", rsv=2), 1002),
    "reserved bit 3": (frame(PING, b"x", rsv=1), 1002),
    "data frame that is none": (frame(0x3, b"x"), 1002),
    "control frame that is none": (frame(0xB, b"x"), 1002),
    "fragmented ping": (frame(PING, b"x", fin=False), 1002),
    "long ping": (frame(PING, bytes(126)), 1002),
    "continuation of nothing": (frame(CONT, b"x"), 1002),
    "message within a message": (frame(TEXT, b"x", fin=False) + frame(TEXT, b"x"), 1002),
    "close within a message": (frame(TEXT, b"x", fin=False) + close_frame(1000), 1002),
    "close with half a code": (frame(CLOSE, b"\x03"), 1002),
    "close with 1006": (close_frame(1006), 1002),
    "close with 5000": (close_frame(5000), 1002),
    "close with a bad reason": (close_frame(1000, b"\xff"), 1007),
    "text that is none": (frame(TEXT, b"\xc3\x28"), 1007),
    "fragmented text that is none": (frame(TEXT, b"\xc3", fin=False) + frame(CONT, b"\x28"), 1007),
    "too big, announced": (frame(BINARY, bytes(100_001))[:14], 1009),
    "too big, joined": (frame(BINARY, bytes(60_000), fin=False) + frame(CONT, bytes(40_001)), 1009),
}


@pytest.mark.parametrize("breach", BREACHES)
async def test_a_client_that_breaks_the_protocol(kind: str, breach: str) -> None:
    sent, code = BREACHES[breach]
    app = App(echo)
    async with served(kind, app, ws_max_size=100_000) as running, connected(running.port) as client:
        await client.write(frame(TEXT, b"before"))
        assert await client.read() == (TEXT, b"before")
        await client.write(sent)
        assert (await client.closed())[0] == code
        told = await app.end()
        assert (told["type"], told["code"]) == ("websocket.disconnect", code)
        assert len(app.told) == 3


async def test_a_message_of_exactly_the_limit_is_taken(kind: str) -> None:
    whole = frame(BINARY, bytes(1000))
    parts = frame(BINARY, bytes(600), fin=False) + frame(CONT, bytes(400))
    async with served(kind, App(echo), ws_max_size=1000) as running, connected(running.port) as client:
        await client.write(whole + parts + frame(TEXT, b"x"))
        assert [len((await client.read())[1]) for _ in range(3)] == [1000, 1000, 1]


# Pings


async def test_a_ping_is_answered(kind: str) -> None:
    async with served(kind, App(echo)) as running, connected(running.port) as client:
        await client.write(frame(PING, bytes(125)) + frame(PING))
        assert [await client.read() for _ in range(2)] == [(PONG, bytes(125)), (PONG, b"")]


async def test_a_client_that_answers_no_ping(kind: str) -> None:
    app = App(echo)
    options = {"ws_ping_interval": 0.05, "ws_ping_timeout": 0.1}
    async with served(kind, app, **options) as running, connected(running.port) as client:
        opcode, payload = await client.read()
        assert opcode == PING
        await client.write(frame(PONG, b"not " + payload))
        assert (await client.closed())[0] == 1011
        assert await app.end() == {"type": "websocket.disconnect", "code": 1005}


async def test_a_client_that_answers_pings(kind: str) -> None:
    options = {"ws_ping_interval": 0.05, "ws_ping_timeout": WAIT_S}
    async with served(kind, App(echo), **options) as running, connected(running.port) as client:
        for _ in range(5):
            opcode, payload = await client.read()
            assert opcode == PING
            await client.write(frame(PONG, payload))


async def test_a_pong_behind_data_that_is_not_read_is_waited_for() -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] == "websocket.receive":  # noqa: ASYNC110  it is slow
            await asyncio.sleep(0.08)

    app = App(body)
    options = {"ws_ping_interval": 0.1, "ws_ping_timeout": 0.4}
    async with served("ours", app, **options) as running, connect(running.url) as client:
        for _ in range(12):
            await client.send(bytes(WAITING_BYTES))
        await client.close()
        assert client.close_code == 1000
        await app.end()
        assert len(app.told) == 1 + 12 + 1


# Closing


async def test_close_of_the_client(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await echo(receive, send)
        assert (await receive())["type"] == "websocket.disconnect"  # nothing comes behind it but the same

    app = App(body)
    async with served(kind, app) as running, connected(running.port) as client:
        await client.write(close_frame(4001, b"enough") + frame(TEXT, b"behind it"))
        assert await client.closed() == (4001, "enough")
        assert (await app.end())["type"] == "websocket.disconnect"
        assert app.told[1] == {"type": "websocket.disconnect", "code": 4001, "reason": "enough"}


async def test_close_of_the_client_without_a_code(kind: str) -> None:
    app = App(echo)
    async with served(kind, app) as running, connected(running.port) as client:
        await client.write(frame(CLOSE))
        assert await client.read() == (CLOSE, b"")
        assert await app.end() == {"type": "websocket.disconnect", "code": 1005, "reason": ""}


@pytest.mark.parametrize("reset", [True, False])
async def test_a_connection_that_breaks_has_no_reason(kind: str, reset: bool) -> None:
    app = App(echo)
    async with served(kind, app) as running, connected(running.port) as client:
        await client.write(frame(TEXT, b"x") + frame(TEXT, b"half")[:5])
        await client.read()
        if reset:
            client.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1" + bytes(7)
            )
            client.writer.transport.abort()
        else:
            client.writer.write_eof()
        assert await app.end() == {"type": "websocket.disconnect", "code": 1005}
        await running.gone()


async def test_send_to_a_client_that_has_closed(kind: str) -> None:
    failed: list[Exception] = []

    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        try:
            await send({"type": "websocket.send", "text": "x"})
        except OSError as exc:
            failed.append(exc)

    app = App(body)
    async with served(kind, app) as running, connected(running.port) as client:
        await client.write(close_frame(1000))
        assert (await app.end())["code"] == 1000
        assert len(failed) == 1
        assert await client.closed() == (1000, "")


async def test_close_of_the_application(kind: str) -> None:
    closed = asyncio.Event()

    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.close", "code": 4002, "reason": "why"})
        with contextlib.suppress(RuntimeError):
            await send({"type": "websocket.send", "text": "too late"})
            raise AssertionError
        await receive()
        closed.set()
        await asyncio.sleep(0.1)

    app = App(body)
    async with served(kind, app) as running, connected(running.port) as client:
        await client.write(frame(TEXT, b"x"))
        assert await client.read() == (CLOSE, b"\x0f\xa2why")
        await closed.wait()
        await client.write(frame(BINARY, bytes(2 * WAITING_BYTES)) * 4)
        await asyncio.sleep(0.05)
        await client.write(close_frame(4002))
        await client.ended()
        assert await app.end() == {"type": "websocket.disconnect", "code": 4002, "reason": "why"}
        assert len(app.told) == 3
        await running.gone()


async def test_a_close_that_is_not_answered(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.close"})

    async with served(kind, App(body)) as running, connected(running.port) as client:
        connection = await running.connection()
        assert connection.close_timeout == 10
        connection.close_timeout = 0.2
        await client.write(frame(TEXT, b"x"))
        assert await client.read() == (CLOSE, b"\x03\xe8")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.reader.read()
        await client.ended()


async def test_a_client_that_takes_nothing_is_cut_off_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                while True:
                    await send({"type": "websocket.send", "bytes": bytes(1 << 20)})

    monkeypatch.setattr(websocket, "LINGER_S", 0.2)
    app = App(body)
    async with served("ours", app) as running, connected(running.port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await app.over.wait()
        await running.gone()


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_server_stops(kind: str, accepted: bool) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        if accepted:
            await send({"type": "websocket.accept"})
        await receive()

    app = App(body)
    async with contextlib.AsyncExitStack() as stack:
        running = await stack.enter_async_context(served(kind, app))
        client = await stack.enter_async_context(raw(running.port))
        answer = asyncio.create_task(client.handshake())
        await running.connection()
        if accepted:
            await answer
        running.server.should_exit = True
        if accepted:
            assert await client.closed() == (1012, "")
            assert await app.end() == {"type": "websocket.disconnect", "code": 1012}
        else:
            assert (await answer)[0] == 500


# Backpressure


async def test_a_client_that_is_faster_than_the_application(kind: str) -> None:
    read = asyncio.Event()

    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await read.wait()
        while (await receive())["type"] == "websocket.receive":
            pass

    app = App(body)
    messages = [bytes((number % 256,)) * 65_000 for number in range(400)]
    async with served(kind, app) as running, connected(running.port) as client:
        client.writer.write(b"".join(frame(BINARY, message) for message in messages) + close_frame(1000))
        connection = await running.connection()
        await asyncio.sleep(0.3)
        assert client.writer.transport.get_write_buffer_size() > 0
        if kind == "ours":
            waiting = sum(len(item) for item in connection._inbox.items if isinstance(item, bytes))
            assert waiting <= WAITING_BYTES + 65_000 + ONE_READ
        read.set()
        assert (await app.end())["code"] == 1000
        assert [message["bytes"] for message in app.told[1:-1]] == messages


async def test_small_messages_count_too() -> None:
    seen = asyncio.Event()

    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await seen.wait()

    async with served("ours", App(body)) as running, connected(running.port) as client:
        client.writer.write(frame(BINARY) * 1_000_000)
        connection = await running.connection()
        await until(lambda: connection.read_paused)
        assert len(connection._inbox.items) <= ONE_READ / 6 + WAITING_BYTES / 64 + 1
        seen.set()


async def test_a_client_that_is_slower_than_the_application(kind: str) -> None:
    sent = 0

    async def body(receive: Receive, send: Send) -> None:
        nonlocal sent
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(400):
            await send({"type": "websocket.send", "bytes": bytes((number % 256,)) * 65_000})
            sent += 1
        await receive()

    app = App(body)
    async with served(kind, app) as running, connected(running.port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        connection = await running.connection()
        await until(lambda: sent > 0 and not connection.writable.is_set())
        await asyncio.sleep(0.1)
        assert sent < 400
        assert connection.transport.get_write_buffer_size() <= 65_536 + 65_004
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        for number in range(400):
            assert await client.read() == (BINARY, bytes((number % 256,)) * 65_000)


async def test_pings_of_a_client_that_takes_no_pongs_do_not_pile_up() -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for _ in range(400):
            await send({"type": "websocket.send", "bytes": bytes(65_000)})
        await receive()

    async with served("ours", App(body)) as running, connected(running.port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        connection = await running.connection()
        await until(lambda: not connection.writable.is_set())
        await asyncio.sleep(0.1)  # the system takes no more
        held = connection.transport.get_write_buffer_size()
        await client.write(frame(PING, bytes(125)) * 1000 + frame(PING, b"last"))
        await asyncio.sleep(0.2)
        assert connection.transport.get_write_buffer_size() == held
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        got = [await client.read() for _ in range(401)]
        assert [payload for opcode, payload in got if opcode == PONG] == [b"last"]


async def test_send_does_not_wait_for_a_client_that_is_gone(kind: str) -> None:
    failed = asyncio.Event()

    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "bytes": bytes(1 << 20)})
        except OSError:
            failed.set()

    async with served(kind, App(body)) as running, connected(running.port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.2)
        client.writer.transport.abort()
        async with asyncio.timeout(WAIT_S):
            await failed.wait()


# receive()


async def test_a_receive_that_is_given_up_loses_nothing(kind: str) -> None:
    async def body(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await receive()
        await send({"type": "websocket.send", "text": "now"})
        await echo_message(receive, send)
        await receive()

    async with served(kind, App(body)) as running, connected(running.port) as client:
        assert await client.read() == (TEXT, b"now")
        await client.write(frame(TEXT, b"x"))
        assert await client.read() == (TEXT, b"x")


async def echo_message(receive: Receive, send: Send) -> None:
    await send(await receive() | {"type": "websocket.send"})


async def test_messages_that_are_written_at_once_are_read_like_others() -> None:
    messages: list[str | bytes] = ["é" * 70_000, b"", bytes(range(256)) * 2, "", b"x" * 125, b"y" * 126]
    app = App(echo)
    async with served("ours", app) as running, connect(running.url, max_size=None) as client:
        await client.send("one")
        assert await client.recv() == "one"
        write = app.scope["extensions"][websocket.WRITE]
        write(messages)
        assert [await client.recv() for _ in messages] == messages
        await client.close()
        await app.end()
        with pytest.raises(ClientDisconnected):
            write(["two"])


async def test_a_socket_whose_frames_an_extension_changes_is_not_written_to_at_once() -> None:
    app = App(echo)
    async with served("ours", app, ws_per_message_deflate=True) as running, connect(running.url) as client:
        await client.send("one")
        assert await client.recv() == "one" and websocket.WRITE not in app.scope["extensions"]
