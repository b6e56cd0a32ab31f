"""Accounts of a mesh under attack, made over its administrators' API."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.waiting import WAIT_S

TIERS = """
tiers:
  development:
    max_sessions: 100
    requests_per_minute: 60000
    burst: 2000
    prices: {recognition: 1000, translation: 500, speech: 1500}
  narrow:
    max_sessions: 10
    requests_per_minute: 60000
    burst: 2000
    max_targets: 2
    prices: {recognition: 1000, translation: 500, speech: 1500}
"""


@dataclass
class Customer:
    """An account with one key, and what its administrator sees."""

    key: str
    place: str
    http: httpx.AsyncClient

    async def balance(self) -> dict[str, int]:
        """Proved to add up."""
        proof = await self.http.get(f"{self.place}/reconciliation")
        assert proof.json()["problems"] == []
        got: dict[str, int] = (await self.http.get(f"{self.place}/balance")).json()
        return got


Customers = Callable[..., Awaitable[Customer]]


@asynccontextmanager
async def making(admin_url: str, admin_token: str) -> AsyncIterator[Customers]:
    """Yield what makes accounts: `await make(micro=…, tier=…)`."""
    headers = {"Authorization": f"Bearer {admin_token}"}
    async with httpx.AsyncClient(base_url=admin_url, headers=headers, timeout=WAIT_S) as http:

        async def post(path: str, body: dict[str, Any], **more: str) -> Any:
            answer = await http.post(path, json=body, headers=more)
            assert answer.status_code == 201, answer.text
            return answer.json()

        async def make(micro: int = 1_000_000_000, tier: str = "development") -> Customer:
            place = f"/v1/accounts/{(await post('/v1/accounts', {'name': 'Test', 'tier': tier}))['id']}"
            await post(f"{place}/topups", {"micro": micro}, **{"Idempotency-Key": uuid.uuid4().hex})
            return Customer((await post(f"{place}/keys", {}))["secret"], place, http)

        yield make
