"""A real mesh that is attacked, and accounts of its clients."""

from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest

from dragoman_cli.load.usage import Usage
from tests.mesh.conftest import Mesh, running
from tests.security.customers import TIERS, Customers, making
from tests.security.fairness.report import EDGE_BYTES


class Viewers(NamedTuple):
    """Places for viewers at the edge, few enough to fill."""

    all: int = 12
    broadcast: int = 9
    address: int = 6


VIEWERS = Viewers()


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """One mesh for all attacks: who is hurt by one must not be hurt for the next either."""
    folder = tmp_path_factory.mktemp("attacked")
    tiers = folder / "tiers.yaml"
    tiers.write_text(TIERS)
    settings = {
        "DRAGOMAN_ACCOUNTS_TIERS_FILE": tiers,
        "DRAGOMAN_EDGE_MAX_VIEWERS": VIEWERS.all,
        "DRAGOMAN_EDGE_MAX_VIEWERS_PER_BROADCAST": VIEWERS.broadcast,
        "DRAGOMAN_EDGE_MAX_VIEWERS_PER_ADDRESS": VIEWERS.address,
    }
    options = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with running(folder / "data", *options) as made:
        yield made


@pytest.fixture
async def customers(attacked: Mesh) -> AsyncIterator[Customers]:
    """Makes accounts: `await customers(micro=…, tier=…)`; no attack takes more memory than the chart has."""
    async with making(attacked.admin_url, attacked.admin_token) as make:
        yield make
    assert max(Usage.of(pid).peak_bytes for pid in attacked.state["pids"]["edge"]) < EDGE_BYTES
