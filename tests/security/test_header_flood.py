"""Attack H6: headers without end from many sockets without a key. On a real mesh."""

import asyncio

import httpx
import pytest

from tests.mesh.conftest import Mesh
from tests.security.customers import Customers
from tests.security.test_http_bounds import MEGABYTE, small_headers, told

pytestmark = pytest.mark.mesh
AT_ONCE = 20


async def test_headers_without_end_are_cut_off_and_the_edge_goes_on(
    attacked: Mesh, customers: Customers
) -> None:
    customer = await customers()
    port = int(attacked.edge.rpartition(":")[2])
    answers = await asyncio.gather(*(told(port, *small_headers(4 * MEGABYTE)) for _ in range(AT_ONCE)))
    assert all(not answer or answer.startswith(b"HTTP/1.1 400") for answer, _ in answers)
    async with httpx.AsyncClient(base_url=attacked.edge, timeout=30) as http:
        headers = {"Authorization": f"Bearer {customer.key}"}
        made = await http.post("/v1/sessions", json={"mode": "bidirectional_translation"}, headers=headers)
        assert made.status_code == 201
