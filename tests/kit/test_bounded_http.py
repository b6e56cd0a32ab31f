"""A request is bounded before it is complete; the attacks over sockets are in tests/security."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from dragoman_kit import bounded_http
from dragoman_kit.bounded_http import BoundedHttp


class Transport:
    """Remembers what was written, and whether it was closed or cut off."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = self.aborted = False
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

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


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


async def test_a_whole_request_may_take_its_time(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.001)
    transport.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(0.01)
    assert not transport.is_closing()
