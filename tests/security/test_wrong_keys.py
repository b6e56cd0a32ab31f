"""Attack H2: wrong keys from an address that others share. On a real mesh."""

import json
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import connect

from dragoman_contract.fingerprints import TOKEN_PREFIXES
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
SHARED = "127.0.0.77"  # the address of everybody here
BURST, PREFIXES = 20, 10  # failed tries with one key prefix, and with how many prefixes
START = {"type": "start", "spoken": "en-US", "to": ["es-ES"]}


@asynccontextmanager
async def behind(address: str, mesh: Mesh) -> AsyncIterator[httpx.AsyncClient]:
    """A client that comes from this address."""
    way = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(base_url=mesh.edge, transport=way, timeout=WAIT_S) as http:
        yield http


async def asked(http: httpx.AsyncClient, key: str) -> int:
    """The status of an answer to this key, with an address of our own making in front."""
    claimed = f"192.0.2.{random.randrange(1, 255)}"
    headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": claimed}
    return (await http.get("/v1/languages", headers=headers)).status_code


async def until_refused(http: httpx.AsyncClient, keys: Iterable[str]) -> int:
    """How many wrong keys are told to be wrong before one is told to wait."""
    for count, key in enumerate(keys):
        if (status := await asked(http, key)) == 429:
            return count
        assert status == 401
    raise AssertionError("they ran out")


async def test_wrong_keys_cost_others_at_the_address_nothing(attacked: Mesh, customers: Customers) -> None:
    right = (await customers()).key
    async with behind(SHARED, attacked) as http:
        guesses = (f"dk_live_guess1{number}" for number in range(2000))
        assert await until_refused(http, guesses) >= BURST
        assert await asked(http, "dk_live_neighbour") == 401  # whose mistake is told as such
        prefixes = (f"dk_live_{number:06}" for number in range(2000))
        assert await until_refused(http, prefixes) >= BURST * (PREFIXES - 2)
        assert [await asked(http, kind + "longForgotten") for kind in TOKEN_PREFIXES * 2] == [401] * 10
        assert [await asked(http, right) for _ in range(BURST)] == [200] * BURST
    url = attacked.edge.replace("http", "ws", 1) + "/v1/stream"
    headers = {"Authorization": f"Bearer {right}"}
    async with connect(url, additional_headers=headers, local_addr=(SHARED, 0)) as socket:
        await socket.send(json.dumps(START))
        assert json.loads(await socket.recv())["type"] == "started"
