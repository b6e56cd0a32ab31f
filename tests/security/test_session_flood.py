"""Attack H5: large sessions, made and never opened, against the store of all. On a real mesh."""

import asyncio
from collections import Counter

import httpx
import pytest

from dragoman_edge.mesh.shares import SHARE_BYTES
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers

pytestmark = pytest.mark.mesh
METADATA = 30 << 10
AT_ONCE = 8
BODY = {"mode": "bidirectional_translation"}


async def test_created_sessions_of_one_evict_nobody_elses(attacked: Mesh, customers: Customers) -> None:
    hostile, other = await customers(), await customers()
    many = SHARE_BYTES // METADATA + 50
    answers: Counter[int] = Counter()

    async with httpx.AsyncClient(base_url=attacked.edge, timeout=30) as http:

        async def create(key: str, size: int) -> httpx.Response:
            body = {**BODY, "metadata": {"x": "x" * size}}
            return await http.post("/v1/sessions", json=body, headers={"Authorization": f"Bearer {key}"})

        async def flood(count: int) -> None:
            for _ in range(count):
                answers[(await create(hostile.key, METADATA)).status_code] += 1

        theirs = (await create(other.key, 10)).json()["id"]
        await asyncio.gather(*(flood(many // AT_ONCE) for _ in range(AT_ONCE)))
        assert set(answers) == {201, 429} and answers[201] * METADATA <= SHARE_BYTES
        print(f"sent {many} sessions of {METADATA >> 10} KiB: {dict(answers)}")
        headers = {"Authorization": f"Bearer {other.key}"}
        assert (await http.get(f"/v1/sessions/{theirs}", headers=headers)).status_code == 200
        assert (await create(other.key, METADATA)).status_code == 201
