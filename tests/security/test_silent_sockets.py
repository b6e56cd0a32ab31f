"""Attack: sockets that show no key, to keep others out of an edge. On a real mesh."""

import asyncio

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.conformance.native import session
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
MANY = 550  # more than the edge's sessions
EACH = 100  # of them may wait from one address


async def test_silent_sockets_keep_nobody_with_a_key_out(attacked: Mesh, customers: Customers) -> None:
    customer = await customers()
    url = attacked.edge.replace("http", "ws", 1) + "/v1/stream"
    opened: list[ClientConnection] = []
    refused = 0
    try:
        for _ in range(MANY // 50):
            opening = (connect(url, open_timeout=WAIT_S) for _ in range(50))
            answers = await asyncio.gather(*opening, return_exceptions=True)
            opened += [one for one in answers if isinstance(one, ClientConnection)]
            refused += sum(
                isinstance(one, InvalidStatus) and one.response.status_code == 503 for one in answers
            )
        assert len(opened) + refused == MANY
        assert EACH <= len(opened) < MANY / 2  # on a slow machine the first ones are sent away meanwhile
        async with session(attacked.edge, customer.key, speech=False) as made:
            await made.send(type="end")
            assert await made.over() == 1000
    finally:
        await asyncio.gather(*(socket.close() for socket in opened))
