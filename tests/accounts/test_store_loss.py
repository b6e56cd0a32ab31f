"""A store that comes back empty is noticed, once, and restored."""

import pytest

from dragoman_accounts import names
from dragoman_accounts.store_loss import StoreLoss
from dragoman_contract.errors import FaultCode, MeshError
from tests.accounts.fake_store import MemoryStore


class Watched:
    """A store whose data a test can take away, and how often it was restored."""

    def __init__(self) -> None:
        self.memory, self.now, self.restored = MemoryStore(), 100.0, 0
        self.loss = StoreLoss(self.memory.command, grace_s=60, clock=lambda: self.now)
        self.loss.restore = self._restore

    async def _restore(self) -> None:
        self.restored += 1


async def test_a_store_that_keeps_its_data_is_left_alone() -> None:
    watched = Watched()
    for _ in range(3):
        await watched.loss.look()
    assert watched.restored == 0 and not watched.loss.recent


async def test_a_store_that_lost_its_data_is_restored_once_and_sessions_have_their_grace() -> None:
    watched = Watched()
    await watched.loss.look()
    watched.memory.values.clear()
    for _ in range(3):
        await watched.loss.look()
    assert watched.restored == 1 and watched.loss.recent
    watched.now += 60
    assert not watched.loss.recent


async def test_another_replica_that_wrote_the_mark_is_believed() -> None:
    watched, other = Watched(), Watched()
    other.memory.values = watched.memory.values
    await watched.loss.look()
    await other.loss.look()
    watched.memory.values.clear()
    await other.loss.look()
    await watched.loss.look()
    assert (watched.restored, other.restored) == (1, 1)


async def test_a_store_that_is_away_has_lost_nothing() -> None:
    watched = Watched()
    await watched.loss.look()
    watched.memory.failure = MeshError(FaultCode.UNAVAILABLE, "away")
    with pytest.raises(MeshError):
        await watched.loss.look()
    watched.memory.failure = None
    await watched.loss.look()
    assert watched.restored == 0 and names.MARK in watched.memory.values
