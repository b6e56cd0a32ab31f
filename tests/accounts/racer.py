"""One of several processes that open sessions at the same moment, again and again."""

import asyncio
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

from dragoman_accounts import names
from dragoman_contract.errors import DragomanError
from tests.accounts.support import SPEC, World, make_world, used


@dataclass(frozen=True, slots=True)
class Race:
    """`processes` of `each` opens, `rounds` times; not `whole`: only the script that decides."""

    url: str
    account: str
    key: str
    processes: int
    each: int
    rounds: int
    whole: bool


def run(race: Race, number: int, barrier: Barrier, opened: Any, leased: Any) -> None:
    """Process `number`: writes how many of its opens succeeded, and process 0 how many slots were taken."""
    asyncio.run(_run(race, number, barrier, opened, leased))


async def _run(race: Race, number: int, barrier: Barrier, opened: Any, leased: Any) -> None:
    world = make_world(race.url)
    world.account, world.key = race.account, race.key
    who = await world.access.identify(await world.access.resolve(race.key, "racer"))
    for turn in range(race.rounds):
        ids = [f"s_{number}_{turn}_{i}" for i in range(race.each)]
        barrier.wait(60)
        won = [one for one in await asyncio.gather(*(_open(world, who, race, i) for i in ids)) if one]
        opened[turn * race.processes + number] = len(won)
        barrier.wait(60)
        if number == 0:
            leased[2 * turn] = await world.client.zcard(names.leases(race.account))
        barrier.wait(60)
        await asyncio.gather(
            *(world.sessions.close(race.account, one, used(one, 1, 0.001), "") for one in won)
        )
        barrier.wait(60)
        if number == 0:
            leased[2 * turn + 1] = await world.client.zcard(names.leases(race.account))
    await world.store.close()


async def _open(world: World, who: Any, race: Race, session: str) -> str:
    if race.whole:
        try:
            await world.open(session)
        except DragomanError:
            return ""
        return session
    (code, *_) = await world.sessions._open(who, session, "e", SPEC, False)
    return session if code == "ok" else ""
