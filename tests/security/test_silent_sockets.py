"""Attack: sockets that show no key, to keep others out of an edge. On a real mesh."""

import asyncio
import json

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conformance.native import session
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers

pytestmark = pytest.mark.mesh
MANY = 550  # more than the edge's sessions


async def test_silent_sockets_keep_nobody_with_a_key_out(attacked: Mesh, customers: Customers) -> None:
    customer = await customers()
    url = attacked.edge.replace("http", "ws", 1) + "/v1/stream"
    opened: list[ClientConnection] = []
    try:
        for _ in range(MANY // 50):
            opened += await asyncio.gather(*(connect(url, max_size=None) for _ in range(50)))
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(5):
                assert json.loads(await opened[-1].recv())["code"] == "busy"
                await opened[-1].recv()
        async with session(attacked.edge, customer.key, speech=False) as made:
            await made.send(type="end")
            assert await made.over() == 1000
    finally:
        await asyncio.gather(*(socket.close() for socket in opened))
