"""A short run of `python -m tests.security.fairness`: every attack at once, and nobody else loses a word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mesh.conftest import Mesh
from tests.security.customers import making
from tests.security.fairness.measure import QUIET, Scene, Window, window
from tests.security.fairness.report import EDGE_BYTES, Round, show
from tests.security.fairness.scenery import mesh_of, speech

pytestmark = pytest.mark.mesh
SECONDS = 6.0


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[Mesh]:
    with mesh_of(tmp_path, scripted=True) as made:
        yield made


async def test_who_speaks_while_another_account_attacks_is_served(mesh: Mesh, tmp_path: Path) -> None:
    async with making(mesh.admin_url, mesh.admin_token) as make:
        victim, hostile = await make(), await make(micro=1_000_000_000_000)
        scene = Scene(mesh, victim.key, hostile.key, speech(tmp_path, scripted=True))
        made = await window(scene, "all at once", SECONDS)
        for customer in (victim, hostile):
            await customer.balance()  # its books add up
    show({"all at once": [Round(Window(QUIET), made)]})
    assert not made.failed
    assert made.edge_bytes < EDGE_BYTES
    assert all(made.delays.count(name) for name in ("final", "translation after final", "first audio"))
    assert made.told["sent"] and not made.told["internal"]
