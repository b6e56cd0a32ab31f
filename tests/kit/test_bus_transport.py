"""No close is waited for in vain, no connection forgotten, and a pong that comes too late ends nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlparse

import pytest

from dragoman_kit import bus_transport
from dragoman_kit.bus_transport import BoundedTransport, client
from tests.support.waiting import WAIT_S


class Writer:
    """As after a TLS handshake that failed: closed, and nobody says so."""

    def __init__(self) -> None:
        self.waited = False

    async def wait_closed(self) -> None:
        self.waited = True
        await asyncio.Event().wait()


async def test_a_close_that_is_never_told_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_transport, "CLOSE_S", 0.001)
    transport, writer = BoundedTransport(), Writer()
    transport._io_writer = cast(Any, writer)
    async with asyncio.timeout(WAIT_S):
        await transport.wait_closed()
    assert writer.waited


async def test_what_closing_raises_is_told() -> None:
    async def broken() -> None:
        raise ConnectionResetError

    transport = BoundedTransport()
    transport._io_writer = cast(Any, SimpleNamespace(wait_closed=broken))
    with pytest.raises(ConnectionResetError):
        await transport.wait_closed()


async def test_a_client_keeps_its_transport() -> None:
    made = client()
    assert made._transport  # else nats-py makes one of its own


async def test_a_pong_after_its_flush_was_given_up_counts_as_a_sign_of_life() -> None:
    made = client()
    given_up: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    waited_for: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    given_up.cancel()
    made._pongs, made._pings_outstanding = [given_up, waited_for], 2
    await made._process_pong()
    assert made._pings_outstanding == 0 and not waited_for.done()
    await made._process_pong()
    assert await waited_for


async def test_a_new_attempt_closes_the_connection_of_the_one_before() -> None:
    gone = asyncio.Queue[bytes]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone.put_nowait(await reader.read())  # until the client closes
        writer.close()

    async with asyncio.timeout(WAIT_S), await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        address = urlparse(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        transport = BoundedTransport()
        await transport.connect(address, 1024, 5)
        await transport.connect(address, 1024, 5)
        assert await gone.get() == b""
        transport.close()  # type: ignore[no-untyped-call]
        await transport.wait_closed()
        assert await gone.get() == b""
