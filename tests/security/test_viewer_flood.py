"""Attack: viewers of one broadcast, who need no key, to keep those of all others out. On a real mesh."""

from contextlib import AsyncExitStack

import httpx
import pytest

from tests.conformance import viewing
from tests.mesh.conftest import Mesh
from tests.security.conftest import VIEWERS
from tests.security.customers import Customers
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh


async def watched(stack: AsyncExitStack, mesh: Mesh, token: str, address: str) -> int:
    """Watch from this address until the stack is left; the status of the answer."""
    way = httpx.AsyncHTTPTransport(local_address=address)
    http = await stack.enter_async_context(httpx.AsyncClient(transport=way, timeout=WAIT_S))
    stream = http.stream("GET", f"{mesh.edge}/broadcast/{token}/text")
    return (await stack.enter_async_context(stream)).status_code


async def test_no_broadcast_and_no_address_takes_the_places_of_all(
    attacked: Mesh, customers: Customers
) -> None:
    hostile, other = [
        (await viewing.made(attacked.edge, (await customers()).key, name="Talk"))["token"] for _ in range(2)
    ]
    async with AsyncExitStack() as stack:
        of_one = [await watched(stack, attacked, hostile, "127.0.0.81") for _ in range(VIEWERS.address + 2)]
        assert of_one == [200] * VIEWERS.address + [503] * 2
        left = VIEWERS.broadcast - VIEWERS.address
        of_others = [await watched(stack, attacked, hostile, f"127.0.0.{82 + n}") for n in range(left + 2)]
        assert of_others == [200] * left + [503] * 2
        free = VIEWERS.all - VIEWERS.broadcast
        assert [await watched(stack, attacked, other, "127.0.0.99") for _ in range(free)] == [200] * free
