"""A session's slot and money, step by step, on a clock that the test moves."""

import pytest

from dragoman_contract.errors import DragomanError, FaultCode
from tests.accounts.support import PAID_PER_SECOND, World, used

CREDITS = 10_000_000
HOLD = 20 * PAID_PER_SECOND


async def refused(awaitable: object) -> FaultCode:
    with pytest.raises(DragomanError) as caught:
        await awaitable  # type: ignore[misc]
    return caught.value.code


async def test_an_opened_session_holds_twenty_seconds_of_its_price(world: World) -> None:
    grant = await world.open("s_1")
    account = await world.registry.account(world.account)
    assert (account.available, account.held) == (CREDITS - HOLD, HOLD)
    assert grant.credits_remaining == CREDITS - HOLD
    await world.proof()


async def test_opening_the_same_session_twice_holds_and_counts_once(world: World) -> None:
    await world.open("s_1")
    await world.open("s_1")
    await world.open("s_2")
    assert (await world.registry.account(world.account)).held == 2 * HOLD
    assert await refused(world.open("s_3")) == FaultCode.CONCURRENCY_EXCEEDED


async def test_a_closed_session_is_charged_for_what_it_used_and_leaves_one_line(world: World) -> None:
    await world.open("s_1")
    await world.at(3000)
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 2.5))
    closed = await world.sessions.close(world.account, "s_1", used("s_1", 2, 7.001), "client left", "e1")
    assert closed.charged == 84_012  # 7.001 s at 12,000 micro-credits; 1 ms of each kind is 12 micro-credits
    topup, line = await world.ledger.page(world.account)
    assert (topup.kind, topup.micro) == ("topup", CREDITS)
    assert (line.kind, line.micro, line.session_id, line.key_id) == ("session", 84_012, "s_1", world.key_id)
    assert (line.reference, line.languages, line.dialect) == ("ref-1", "en-US>es-ES", "krisp")
    assert (line.start_ms, line.end_ms, line.reason) == (world.now - 3000, world.now, "client left")
    account = await world.registry.account(world.account)
    assert (account.available, account.held) == (CREDITS - 84_012, 0)
    await world.proof()


async def test_closing_twice_charges_once(world: World) -> None:
    await world.open("s_1")
    first = await world.sessions.close(world.account, "s_1", used("s_1", 1, 5), "bye")
    again = await world.sessions.close(world.account, "s_1", used("s_1", 1, 5), "bye")
    assert first == again
    assert len(await world.ledger.page(world.account)) == 2
