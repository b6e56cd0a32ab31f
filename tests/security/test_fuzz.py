"""A short run of `python -m tests.security.fuzz`. On a real mesh."""

import pytest

from tests.mesh.conftest import Mesh
from tests.security.customers import Customers
from tests.security.fuzz import fuzz

pytestmark = pytest.mark.mesh
COUNT = 150


async def test_whatever_is_sent_leaves_no_traceback(attacked: Mesh, customers: Customers) -> None:
    outcome = await fuzz(attacked, (await customers()).key, COUNT)
    assert outcome.conversations == outcome.requests == COUNT
    assert outcome.clean, outcome.traces or outcome.answers
