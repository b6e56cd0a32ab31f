"""Attack H1: who reads all of the bus finds no key, ticket, token or password there. On a real mesh."""

import base64
from urllib.parse import parse_qs, urlsplit

import httpx
import nats
import pytest
from nats.aio.msg import Msg

from tests.conformance import kallglot_client, native, test_krisp, test_vas
from tests.mesh.conftest import Mesh
from tests.security.customers import Customer, Customers
from tests.security.test_tokens_elsewhere import WAY, offers, refused
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
PASSWORD = "open sesame 7391"
SHOWN_S = 2.0  # long enough for a session to begin


async def shown(url: str, customer: Customer) -> set[str]:
    """Use every API with its own kind of credential; all that was shown or given."""
    key = customer.key
    secrets = {key, PASSWORD}
    for offer in offers(key).values():
        await refused(url, offer, SHOWN_S)
    async with native.session(url, key, speech=False, resume=True) as talk:
        secrets.add(str(talk.messages[0].get("resume", {}).get("token", key)))
        await talk.send(type="end")
        await talk.over()
    session = await kallglot_client.created(url, key, **WAY)
    token = session["stream"]["token"]
    await refused(url, (f"/v1/sessions/{session['id']}/connect?token={token}", {}, {}), SHOWN_S)
    secrets.add(token)
    ticket = await test_vas.ticket(url, key)
    secrets.add(ticket)
    async with test_vas.connected(url, ticket) as client:
        await client.do("start", **test_vas.START)
        await client.event("session_started")
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as http:
        krisp = await http.get(test_krisp.TOKEN, headers={"Authorization": f"api-key {key}"})
        secrets.add(krisp.json()["data"]["session_key"])
        pinch = await http.get("/v1/session", headers={"Authorization": f"Bearer {key}"})
        secrets.add(parse_qs(urlsplit(pinch.json()["ws_url"]).query)["token"][0])
        body = {"name": "Talk", "access_type": "password", "pass_code": PASSWORD}
        made = await http.post("/api/v1/broadcasts", json=body, headers={"X-API-Key": key})
        assert made.status_code in (200, 201), made.text
        token = made.json()["data"]["token"]
        verified = await http.post(f"/api/v1/viewer/broadcasts/{token}/verify", json={"password": PASSWORD})
        secrets.add(verified.json()["data"]["viewer_access_token"])
    return secrets


async def test_no_secret_crosses_the_bus(attacked: Mesh, customers: Customers) -> None:
    seen: list[bytes] = []

    async def hear(msg: Msg) -> None:
        seen.append(msg.subject.encode() + b" " + msg.data + repr(msg.headers).encode())

    bus = await nats.connect(str(attacked.state["nats"]))
    try:
        await bus.subscribe(">", cb=hear)
        await bus.flush()
        customer = await customers()
        secrets = await shown(attacked.edge, customer)
        await bus.flush()
    finally:
        await bus.close()
    assert len(secrets) >= 7 and any(b"accounts.open" in message for message in seen)
    everything = b"\n".join(seen)
    for secret in secrets:
        assert secret.encode() not in everything
        assert base64.b64encode(secret.encode()).rstrip(b"=")[:-1] not in everything
