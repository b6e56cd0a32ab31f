"""Money through the public websocket: credits that run out, keys that are revoked, an edge that is killed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_tts.demo import say
from tests.mesh.conftest import Mesh, running
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh

# Short times, so that nobody waits for real ones: edges renew every 0.2 s.
TIMES = {"LEASE_TTL_S": "0.6", "GRACE_S": "0.2", "SWEEP_S": "0.05", "HOLD_S": "1", "MARGIN_S": "0.3"}
CONFIG = {"config": {"source_language": "en-US", "target_language": "es-ES", "voice": "male"}}


@dataclass
class Heard:
    """What the client was told."""

    finals: list[str] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)


class Client:
    """An account of its own, its key, and the admin's view of it."""

    def __init__(self, mesh: Mesh, http: httpx.AsyncClient) -> None:
        self.mesh, self.http = mesh, http
        self.place = self.key = self.key_id = ""

    async def make(self, micro: int) -> "Client":
        account = await self.post("/v1/accounts", {"name": "Test", "tier": "development"})
        self.place = f"/v1/accounts/{account['id']}"
        await self.post(f"{self.place}/topups", {"micro": micro}, {"Idempotency-Key": account["id"]})
        made = await self.post(f"{self.place}/keys", {})
        self.key, self.key_id = made["secret"], made["key"]["id"]
        return self

    async def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def get(self, rest: str) -> Any:
        answer = await self.http.get(self.place + rest)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            while not await condition():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def sessions(self) -> int:
        return len((await self.get("/sessions"))["items"])

    async def lines(self) -> list[dict[str, Any]]:
        return [line for line in (await self.get("/usage"))["items"] if line["kind"] != "topup"]

    def socket(self) -> connect:
        url = self.mesh.edge.replace("http://", "ws://") + "/vt"
        return connect(
            url,
            additional_headers={"Authorization": f"api-key {self.key}"},
            max_size=None,
            open_timeout=WAIT_S,
        )

    async def prove(self) -> dict[str, int]:
        assert (await self.get("/reconciliation"))["problems"] == []
        balance: dict[str, int] = await self.get("/balance")
        assert balance["available"] == balance["topped"] - balance["charged"] - balance["held"] >= 0
        return balance


async def stream(socket: ClientConnection, speech: bytes) -> Heard:
    """Speak, then send silence until the edge ends the session."""
    await socket.send(json.dumps(CONFIG))
    heard = Heard()

    async def listen() -> None:
        async for frame in socket:
            if not isinstance(frame, str):
                continue
            message = json.loads(frame)
            if "error" in message:
                heard.errors.append(message["error"]["code"])
            elif message.get("transcript", {}).get("final"):
                heard.finals.append(message["transcript"]["text"])

    async def speak() -> None:
        step = BYTES_PER_S // 50
        audio = speech + bytes(120 * BYTES_PER_S)
        for start in range(0, len(audio), step):
            await socket.send(audio[start : start + step])
            await asyncio.sleep(0.02)

    listener, speaker = asyncio.create_task(listen()), asyncio.create_task(speak())
    try:
        async with asyncio.timeout(WAIT_S):
            await asyncio.wait({listener})
    finally:
        speaker.cancel()
        listener.cancel()
        await asyncio.gather(listener, speaker, return_exceptions=True)
    return heard


@pytest.fixture(scope="module")
def quick_mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    settings = [f"DRAGOMAN_ACCOUNTS_{name}={value}" for name, value in TIMES.items()]
    folder = tmp_path_factory.mktemp("money") / "data"
    with running(folder, *(word for setting in settings for word in ("--set", setting))) as made:
        yield made


@pytest.fixture
async def client(quick_mesh: Mesh) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {quick_mesh.admin_token}"}
    async with httpx.AsyncClient(base_url=quick_mesh.admin_url, headers=headers, timeout=WAIT_S) as http:
        yield Client(quick_mesh, http)


async def test_credits_that_run_out_end_the_session_with_402_after_what_was_paid_for(client: Client) -> None:
    # One sentence heard, translated and spoken costs less than this; the silence after it uses the rest up.
    await client.make(14_000)
    async with client.socket() as socket:
        heard = await stream(socket, say("Good morning, and welcome.", "en-us"))
    assert heard.errors == [402] and "welcome" in " ".join(heard.finals).lower()

    async def settled() -> bool:
        return await client.sessions() == 0

    await client.until(settled)
    (line,) = await client.lines()
    balance = await client.prove()
    assert 10_000 < line["micro"] == balance["charged"] <= 14_000
    async with client.socket() as again:
        assert (await stream(again, b"")).errors == [402]


async def test_a_revoked_key_ends_its_session_with_401(client: Client) -> None:
    await client.make(10_000_000)
    async with client.socket() as socket:
        talk = asyncio.create_task(stream(socket, b""))

        async def live() -> bool:
            return await client.sessions() == 1

        await client.until(live)
        revoked = await client.http.delete(f"{client.place}/keys/{client.key_id}")
        assert revoked.status_code == 204
        assert (await talk).errors == [401]


async def test_a_killed_edge_frees_its_slot_and_its_session_is_billed_once(client: Client) -> None:
    await client.make(10_000_000)
    async with client.socket() as socket:
        talk = asyncio.create_task(stream(socket, b""))

        async def reported() -> bool:
            items = (await client.get("/sessions"))["items"]
            return bool(items) and items[0]["figures"]["recognised_ms"] > 500

        await client.until(reported)
        (edge,) = client.mesh.state["pids"]["edge"]
        os.kill(edge, 9)
        await asyncio.gather(talk, return_exceptions=True)

    async def settled() -> bool:
        return await client.sessions() == 0

    await client.until(settled)
    (line,) = await client.lines()
    balance = await client.prove()
    assert (line["reason"], balance["held"]) == ("expired", 0)
    assert line["micro"] == balance["charged"] == line["recognised_ms"]  # 1,000 micro-credits a second
    assert line["recognised_ms"] > 500
