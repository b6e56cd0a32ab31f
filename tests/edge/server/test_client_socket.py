"""One websocket in its codec, over a socket in memory."""

import asyncio
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Answer, Frame, Open
from dragoman_edge.server import client_socket as module
from dragoman_edge.server.client_socket import Socket
from dragoman_edge.server.inbox import Inbox
from dragoman_edge.server.websocket import INBOX, WRITABLE, WRITE
from dragoman_edge.session.report import ClientGoneError
from dragoman_edge.settings import EdgeSettings
from tests.support.factories import spec
from tests.support.fake_socket import GONE, GOODBYE, FakeSocket, PlainConversation

SECOND = bytes(32_000)


def socket(client: FakeSocket, conversation: PlainConversation | None = None, **settings: Any) -> Socket:
    made = EdgeSettings(**settings)
    return Socket(client.websocket(accepted=True), conversation or PlainConversation(), made)


# The socket


async def test_a_frame_becomes_commands() -> None:
    client = FakeSocket("flush", b"audio")
    made = socket(client)
    assert [type(command).__name__ for command in await made.commands()] == ["Flush"]
    assert [type(command).__name__ for command in await made.commands()] == ["Audio"]
    assert made.source == "10.0.0.1"


@pytest.mark.parametrize("frame", ["x" * 1025, b"x" * 1025])
async def test_a_frame_above_the_limit_is_refused(frame: str | bytes) -> None:
    with pytest.raises(PeerError) as refused:
        await socket(FakeSocket(frame), max_message_bytes=1024).commands()
    assert refused.value.code is FaultCode.TOO_LARGE
    assert refused.value.message == "message of 1025 bytes; at most 1024 are allowed"


@pytest.mark.parametrize("streams", [True, False])
async def test_frames_are_gathered_only_where_they_are_a_stream(streams: bool) -> None:
    conversation = PlainConversation()
    conversation.streams_audio = streams  # type: ignore[attr-defined]
    assert not socket(FakeSocket(), conversation).gathers  # the server has no inbox
    client = FakeSocket()
    client.scope["extensions"][INBOX] = Inbox(asyncio.get_running_loop())
    assert socket(client, conversation).gathers is streams


async def test_gathered_frames_are_no_longer_than_a_message_may_be() -> None:
    client = FakeSocket()
    inbox = client.scope["extensions"][INBOX] = Inbox(asyncio.get_running_loop())
    socket(client, max_message_bytes=1024).gather(AdaptiveBatching(100), AudioFormat())
    for size in (1000, 24, 1):
        inbox.put_nowait({"type": "websocket.receive", "bytes": bytes(size)})
    assert [len((await inbox.get())["bytes"]) for _ in range(2)] == [1024, 1]


async def test_frames_are_written_at_once_while_nothing_waits() -> None:
    client, written = FakeSocket(), list[list[Frame]]()
    event = client.scope["extensions"][WRITABLE] = asyncio.Event()
    client.scope["extensions"][WRITE] = lambda frames: written.append(list(frames))
    made = socket(client)
    event.set()
    await made.deliver(["one", b"two"])
    event.clear()
    await made.deliver(["three"])
    assert written == [["one", b"two"]] and client.told == ["three"]


async def test_a_client_that_has_gone_is_not_written_to() -> None:
    client = FakeSocket()
    client.scope["extensions"][WRITABLE] = event = asyncio.Event()
    event.set()

    def gone(frames: object) -> None:
        raise ClientDisconnected

    client.scope["extensions"][WRITE] = gone
    with pytest.raises(ClientGoneError):
        await socket(client).deliver(["one"])


@pytest.mark.parametrize("writable", [True, False])
async def test_only_a_client_that_takes_no_more_has_a_time_limit(writable: bool) -> None:
    client = FakeSocket()
    event = client.scope["extensions"][WRITABLE] = asyncio.Event()
    made = socket(client, send_timeout_s=0.001)
    sent = asyncio.create_task(made.deliver(["one", b"two"]))
    if writable:
        event.set()
        await sent
        assert client.told == ["one", b"two"]
    else:
        client.waits_for = event
        with pytest.raises(ClientGoneError):
            await sent


@pytest.mark.parametrize(
    ("message", "goodbye"),
    [
        (GOODBYE, True),
        (GONE, False),
        ({"type": "websocket.disconnect", "code": 1005}, False),
        ({"type": "websocket.disconnect", "code": 1005, "reason": ""}, True),
        ({"type": "websocket.disconnect", "code": 1011, "reason": ""}, False),
        ({"type": "websocket.disconnect", "reason": ""}, False),
    ],
)
async def test_a_client_that_says_goodbye_is_told_from_one_that_is_lost(message: Any, goodbye: bool) -> None:
    with pytest.raises(ClientGoneError) as gone:
        await socket(FakeSocket(message)).commands()
    assert gone.value.goodbye is goodbye
    assert await socket(FakeSocket("flush", message)).said_goodbye() is goodbye


async def test_a_client_of_whom_nothing_comes_said_no_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GOODBYE_WAIT_S", 0.01)
    assert not await socket(FakeSocket()).said_goodbye()


async def test_what_is_put_back_is_received_again() -> None:
    made = socket(FakeSocket("flush", "end"))
    made.put_back(await made.receive())
    assert [type(command).__name__ for command in await made.commands()] == ["Flush"]


async def test_answers_need_no_session() -> None:
    client = FakeSocket()
    made = socket(client)
    await made.answer(Answer(("one", b"two"), PeerError(FaultCode.BAD_REQUEST, "what?")))
    await made.answer(Open(spec()))
    assert client.told == ["one", b"two", "outcome  bad_request"]


async def test_a_client_that_takes_nothing_is_gone() -> None:
    client = FakeSocket()
    client.broken = True
    with pytest.raises(ClientGoneError) as gone:
        await socket(client).deliver(["word"])
    assert not gone.value.goodbye


@pytest.mark.parametrize(
    ("error", "told", "code"), [(None, [], 1000), (MeshError(FaultCode.BUSY, "full"), ["error busy"], 4000)]
)
async def test_it_is_closed_with_the_outcome(error: DragomanError | None, told: list[str], code: int) -> None:
    client = FakeSocket()
    made = socket(client)
    await made.close(error)
    await made.close(error)  # nothing happens to a socket that is closed
    assert (client.told, client.code, len(client.sent)) == (told, code, len(told) + 1)


async def test_nobody_need_be_there_to_be_closed() -> None:
    client = FakeSocket()
    client.broken = True
    await socket(client).close(MeshError(FaultCode.BUSY, "full"))
    assert not client.sent


async def test_a_client_without_an_address_has_none() -> None:
    client = FakeSocket()
    client.scope["client"] = None
    assert socket(client).source == ""


# Socket and session together
