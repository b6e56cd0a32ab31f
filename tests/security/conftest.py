"""A real mesh that is attacked, and accounts of its clients."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.mesh.conftest import Mesh, running

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


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """One mesh for all attacks: who is hurt by one must not be hurt for the next either."""
    folder = tmp_path_factory.mktemp("attacked")
    tiers = folder / "tiers.yaml"
    tiers.write_text(TIERS)
    with running(folder / "data", "--set", f"DRAGOMAN_ACCOUNTS_TIERS_FILE={tiers}") as made:
        yield made


@pytest.fixture
async def customers(attacked: Mesh) -> AsyncIterator[Customers]:
    """Makes accounts: `await customers(micro=…, tier=…)`."""
    headers = {"Authorization": f"Bearer {attacked.admin_token}"}
    async with httpx.AsyncClient(base_url=attacked.admin_url, headers=headers) as http:

        async def post(path: str, body: dict[str, Any], **more: str) -> Any:
            answer = await http.post(path, json=body, headers=more)
            assert answer.status_code == 201, answer.text
            return answer.json()

        async def make(micro: int = 1_000_000_000, tier: str = "development") -> Customer:
            place = f"/v1/accounts/{(await post('/v1/accounts', {'name': 'Test', 'tier': tier}))['id']}"
            await post(f"{place}/topups", {"micro": micro}, **{"Idempotency-Key": uuid.uuid4().hex})
            return Customer((await post(f"{place}/keys", {}))["secret"], place, http)

        yield make
