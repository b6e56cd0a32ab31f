"""Attack H3: a token of one API, shown to the others and after its session ended. On a real mesh."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dragoman_edge.dialects.sarvam.query import TRANSLATE_PATH
from tests.conformance import kallglot_client, native, test_krisp, test_vas
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
NATIVE = {"type": "start", "spoken": "en-US", "to": ["es-ES"]}
WAY = {"source_language": "en", "target_language": "es"}
Offer = tuple[str, dict[str, Any], object]  # path, how the credential is shown, the first message


def offers(token: str) -> dict[str, Offer]:
    """How each API takes its credential."""
    bearer = {"additional_headers": {"Authorization": f"Bearer {token}"}}
    return {
        "native": ("/v1/stream", bearer, NATIVE),
        "krisp": (
            "/vt",
            {"additional_headers": {"Authorization": f"api-key {token}"}},
            {"config": test_krisp.CONFIG},
        ),
        "krisp session": ("/vt", bearer, {"config": test_krisp.CONFIG}),
        "sarvam": (TRANSLATE_PATH, {"additional_headers": {"API-Subscription-KEY": token}}, {}),
        "pinch": (f"/session?token={token}", {}, {}),
        "vas": ("/ws", {"subprotocols": [f"ticket.{token}"]}, {}),
    }


async def refused(url: str, offer: Offer, wait_s: float = WAIT_S) -> bool:
    """Whether no session began: it is answered 4xx, or with an error and a close."""
    path, shown, first = offer
    try:
        async with connect(url.replace("http", "ws", 1) + path, **shown, open_timeout=WAIT_S) as socket:
            with suppress(ConnectionClosed):
                await socket.send(json.dumps(first))
            return await closed(socket, wait_s)
    except InvalidStatus as exc:
        assert 400 <= exc.response.status_code < 500
        return True


async def closed(socket: ClientConnection, wait_s: float) -> bool:
    """Whether the server ends it; one that is open says no more, because nobody speaks."""
    try:
        async with asyncio.timeout(wait_s):
            while True:
                await socket.recv()
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False


async def kallglot(url: str, key: str) -> str:
    return str((await kallglot_client.created(url, key, **WAY))["stream"]["token"])


async def vas(url: str, key: str) -> str:
    return await test_vas.ticket(url, key)


@pytest.mark.parametrize(("make", "own"), [(kallglot, "kallglot"), (vas, "vas")])
async def test_a_token_opens_nothing_of_another_api(
    attacked: Mesh, customers: Customers, make: Callable[[str, str], Awaitable[str]], own: str
) -> None:
    customer = await customers()
    async with native.session(attacked.edge, (await customers()).key):  # an API key opens one
        pass
    token = await make(attacked.edge, customer.key)
    for name, offer in offers(token).items():
        if name != own:
            assert await refused(attacked.edge, offer), name
    assert (await customer.balance())["held"] == 0


async def test_a_token_dies_with_its_session(attacked: Mesh, customers: Customers) -> None:
    customer = await customers()
    session = await kallglot_client.created(attacked.edge, customer.key, **WAY)
    path = f"/v1/sessions/{session['id']}"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {customer.key}"}, timeout=WAIT_S) as http:
        assert (await http.post(f"{attacked.edge}{path}/end")).status_code == 200
    offer: Offer = (f"{path}/connect?token={session['stream']['token']}", {}, {})
    assert await refused(attacked.edge, offer)
