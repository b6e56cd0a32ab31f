"""A real mesh that is attacked, and accounts of its clients."""

from collections.abc import AsyncIterator, Iterator

import pytest

from dragoman_cli.load.usage import Usage
from tests.mesh.conftest import Mesh, running
from tests.security.customers import TIERS, Customers, making
from tests.security.fairness.report import EDGE_BYTES


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
    """Makes accounts: `await customers(micro=…, tier=…)`; no attack takes more memory than the chart has."""
    async with making(attacked.admin_url, attacked.admin_token) as make:
        yield make
    assert max(Usage.of(pid).peak_bytes for pid in attacked.state["pids"]["edge"]) < EDGE_BYTES
