"""A close that nobody is told of is not waited for, and a pong that comes too late ends nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

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
