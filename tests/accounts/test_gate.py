"""The gate before the store: closed while it is away, half open while sessions come back."""

import asyncio

import pytest

from dragoman_accounts.gate import Gate, State
from dragoman_contract.errors import FaultCode, MeshError
from tests.support.waiting import WAIT_S


class Fake:
    """A store that is up or not, and a clock."""

    def __init__(self) -> None:
        self.up = True
        self.lapsed = False
        self.now = 100.0

    async def ping(self) -> None:
        if not self.up:
            raise MeshError(FaultCode.UNAVAILABLE, "away")

    async def any_lapsed(self) -> bool:
        return self.lapsed

    def gate(self) -> Gate:
        return Gate(self.ping, self.any_lapsed, recovery_s=6.0, clock=lambda: self.now)


def admits(gate: Gate, *, new_session: bool) -> bool:
    try:
        gate.check(new_session=new_session)
    except MeshError as exc:
        assert exc.code == FaultCode.UNAVAILABLE and exc.retry_after_ms > 0
        return False
    return True


async def test_nothing_passes_before_the_store_was_reached() -> None:
    gate = Fake().gate()
    assert gate.state is State.AWAY and not admits(gate, new_session=False)
    assert "Redis" in (await gate.problem() or "")


async def test_a_store_that_is_there_from_the_start_is_up_at_once() -> None:
    gate = Fake().gate()
    await gate.look()
    assert admits(gate, new_session=True) and await gate.problem() is None


async def test_sessions_that_lapsed_before_the_start_get_their_chance() -> None:
    fake = Fake()
    fake.lapsed = True
    gate = fake.gate()
    await gate.look()
    assert gate.state is State.RECOVERING and not admits(gate, new_session=True)


async def test_after_an_outage_running_sessions_go_first() -> None:
    fake = Fake()
    gate = fake.gate()
    await gate.look()
    fake.up = False
    await gate.look()
    assert gate.state is State.AWAY and not admits(gate, new_session=False)
    fake.up = True
    await gate.look()
    assert admits(gate, new_session=False) and not admits(gate, new_session=True)
    assert "renew first" in (await gate.problem() or "")
    fake.now += 6.0
    assert admits(gate, new_session=True)


async def test_reports_wait_for_the_store() -> None:
    fake = Fake()
    gate = fake.gate()
    waiting = asyncio.create_task(gate.usable())
    await asyncio.sleep(0)
    assert not waiting.done()
    await gate.look()
    await asyncio.wait_for(waiting, WAIT_S)


async def test_a_look_that_fails_in_another_way_is_not_hidden() -> None:
    async def broken() -> None:
        raise ValueError("a bug")

    gate = Gate(broken, Fake().any_lapsed)
    with pytest.raises(ValueError, match="a bug"):
        await gate.look()
