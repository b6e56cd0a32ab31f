"""Many processes at the same moment: never one session too many, never a slot or a credit lost."""

import asyncio
import multiprocessing
from pathlib import Path

import pytest

from tests.accounts import racer
from tests.accounts.conftest import NewWorld
from tests.accounts.racer import Race
from tests.accounts.support import used

pytestmark = pytest.mark.integration

LIMIT = 10


@pytest.mark.parametrize(("rounds", "whole"), [(2000, False), (50, True)])
async def test_sixty_four_racing_opens_get_exactly_the_ten_slots(
    new_world: NewWorld, redis_url: str, monkeypatch: pytest.MonkeyPatch, rounds: int, whole: bool
) -> None:
    world = await new_world("ten")
    race = Race(redis_url, world.account, world.key, processes=4, each=16, rounds=rounds, whole=whole)
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))  # the processes find this package by it
    opened, leased = await asyncio.to_thread(hold_race, race)
    turns = [sum(opened[i : i + 4]) for i in range(0, len(opened), 4)]
    assert turns == [LIMIT] * rounds
    assert leased == [LIMIT, 0] * rounds
    proof = await world.ledger.reconcile(world.account)
    assert (proof.problems, proof.held, proof.lines) == ((), 0, 1 + LIMIT * rounds)


def hold_race(race: Race) -> tuple[list[int], list[int]]:
    """Start the processes together and wait for them."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(race.processes)
    opened = context.Array("i", race.rounds * race.processes, lock=False)
    leased = context.Array("i", race.rounds * 2, lock=False)
    team = [
        context.Process(target=racer.run, args=(race, number, barrier, opened, leased))
        for number in range(race.processes)
    ]
    for process in team:
        process.start()
    for process in team:
        process.join(180)
    assert [process.exitcode for process in team] == [0] * race.processes
    return list(opened), list(leased)


async def test_racing_settlements_of_one_session_charge_once(new_world: NewWorld) -> None:
    world = await new_world()
    await world.open("s_1")
    report = used("s_1", 1, 2)
    closings = [world.sessions.close(world.account, "s_1", report, "") for _ in range(20)]
    streams = [world.sessions.report(world.account, used("s_1", 1, 2, closing=True)) for _ in range(20)]
    standings = await asyncio.gather(*closings, *streams)
    assert {standing.charged for standing in standings} == {24_000}
    assert len(await world.ledger.page(world.account)) == 2
    await world.proof()


async def test_racing_sessions_never_spend_more_than_there_is(new_world: NewWorld) -> None:
    world = await new_world("free", credits=0)
    _, paid = await world.registry.create_key(world.account, tier="ten")
    await world.ledger.top_up(world.account, 30_500, "some")  # 30.5 s of recognition at 1,000 a second
    opens = [world.open(f"s_{i}", credential=paid) for i in range(10)]
    answers = await asyncio.gather(*opens, return_exceptions=True)
    live = [answer.session_id for answer in answers if not isinstance(answer, BaseException)]
    # 20 s are held for the first, 10.5 s for the second; less than 5 s is left for a third.
    assert len(live) == 2
    await asyncio.gather(*(world.sessions.close(world.account, s, used(s, 1, 100), "") for s in live))
    account = await world.registry.account(world.account)
    assert (account.available, account.held, account.charged) == (0, 0, 30_500)
    await world.proof()


async def test_racing_top_ups_of_one_request_count_once(new_world: NewWorld) -> None:
    world = await new_world(credits=0)
    await asyncio.gather(*(world.ledger.top_up(world.account, 7, "same") for _ in range(50)))
    assert (await world.registry.account(world.account)).available == 7


async def test_a_ticket_opens_one_of_many_racing_sessions(new_world: NewWorld) -> None:
    world = await new_world("ten")
    ticket = "t_1"
    await world.access.issue_token(world.key, "", token=ticket, ttl_ms=60_000, single_use=True, claims="")
    opens = [world.open(f"s_{i}", credential=ticket) for i in range(30)]
    answers = await asyncio.gather(*opens, return_exceptions=True)
    assert len([answer for answer in answers if not isinstance(answer, BaseException)]) == 1
