"""A request is bounded before it is complete; the attacks over sockets are in tests/security."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from dragoman_kit import bounded_http
from dragoman_kit.bounded_http import BoundedHttp
from dragoman_kit.turnstile import Waiting


class Transport:
    """Remembers what was written, and whether it was closed or cut off."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = self.aborted = self.paused = False
        self.protocol: Any = None

    def get_protocol(self) -> Any:
        return self.protocol

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closed or self.aborted

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


async def silent(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(60)


@pytest.fixture
async def transport() -> Transport:
    config = uvicorn.Config(silent, lifespan="off", log_config=None)
    config.load()
    made = Transport()
    made.protocol = BoundedHttp(config, ServerState(), {}, asyncio.get_running_loop())
    made.protocol.connection_made(made)
    return made


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"


async def test_a_body_is_no_header(transport: Transport) -> None:
    transport.protocol.data_received(HEAD + b"x" * 90_000)
    assert not transport.is_closing()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\na: " + b"x" * 100_000,
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 150,
        b"GET /" + b"x" * 90_000,
    ],
)
async def test_too_much_of_a_head_is_refused(transport: Transport, data: bytes) -> None:
    transport.protocol.data_received(data)
    assert transport.closed and transport.written.startswith(b"HTTP/1.1 400")


async def test_a_slow_head_and_a_slow_body_are_cut_off(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "BODY_S", 0.001)
    transport.protocol.data_received(HEAD)
    await asyncio.sleep(0.01)
    assert transport.aborted


async def test_a_file_has_time_for_each_part_of_it(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    monkeypatch.setattr(bounded_http, "BODY_PART", 1000)
    monkeypatch.setattr(transport.protocol, "_allow", given.append)
    transport.protocol.data_received(HEAD)
    given.clear()
    transport.protocol.data_received(b"x" * 999)
    assert given == []
    transport.protocol.data_received(b"x")
    transport.protocol.data_received(b"x" * 2500)
    assert given == [bounded_http.BODY_S] * 2


async def test_a_whole_request_may_take_its_time(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.001)
    transport.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(0.01)
    assert not transport.is_closing()


class Turns:
    """Lets nobody in but by hand."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.full = False

    def enter(self, address: str, size: int, begin: Callable[[], None]) -> Waiting:
        if self.full:
            raise OverflowError
        self.waiting.append(Waiting(address, size, begin))
        return self.waiting[-1]

    def leave(self, waiting: Waiting) -> None:
        self.waiting.remove(waiting)


@pytest.fixture
def turns(transport: Transport) -> Turns:
    made = Turns()
    transport.protocol._turnstile = made
    return made


async def test_a_request_is_parsed_when_its_turn_has_come(transport: Transport, turns: Turns) -> None:
    transport.protocol.data_received(b"no HTTP\r\n\r\n")
    assert transport.paused and not transport.written
    turns.waiting[0].begin()
    assert not transport.paused and transport.written.startswith(b"HTTP/1.1 400")


async def test_a_request_has_one_turn_however_it_comes(transport: Transport, turns: Turns) -> None:
    transport.protocol.data_received(HEAD[:20])
    turns.waiting[0].begin()
    transport.protocol.data_received(HEAD[20:])
    transport.protocol.data_received(b"x")
    assert len(turns.waiting) == 1 and not transport.paused


async def test_who_waits_and_goes_gives_up_the_turn(transport: Transport, turns: Turns) -> None:
    transport.protocol.data_received(HEAD)
    transport.protocol.connection_lost(None)
    assert not turns.waiting


async def test_who_finds_too_many_waiting_is_cut_off(transport: Transport, turns: Turns) -> None:
    turns.full = True
    transport.protocol.data_received(HEAD)
    assert transport.aborted


async def test_the_next_request_of_a_connection_waits_for_its_own_turn(
    transport: Transport, turns: Turns
) -> None:
    transport.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    turns.waiting.pop().begin()
    transport.protocol.cycle.response_complete = True
    transport.protocol.on_response_complete()
    transport.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert len(turns.waiting) == 1 and transport.paused
