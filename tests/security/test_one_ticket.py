"""Attack: one single-use ticket, shown by many sockets at the same time. On a real mesh."""

import asyncio
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conformance.test_vas import START, connected, ticket
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
SOCKETS = 100


async def begins(edge: str, one_time: str) -> bool:
    """Whether a session begins on a socket with this ticket."""
    async with connected(edge, one_time) as client, asyncio.timeout(WAIT_S):
        with suppress(ConnectionClosed):
            await client.do("start", **START)
            while True:
                if '"session_started"' in str(await client.socket.recv()):
                    return True
    return False


async def test_it_begins_one_session(attacked: Mesh, customers: Customers) -> None:
    customer = await customers()
    one_time = await ticket(attacked.edge, customer.key)
    begun = await asyncio.gather(*(begins(attacked.edge, one_time) for _ in range(SOCKETS)))
    assert sum(begun) == 1
