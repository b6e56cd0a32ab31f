"""The same life of a session on a cluster and behind Sentinels, all of them real servers."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from dragoman_accounts import names
from dragoman_cli.processes import free_port
from tests.accounts.servers import answers, kill_hard, until, valkey
from tests.accounts.support import PAID_PER_SECOND, World, make_world, used

pytestmark = pytest.mark.integration


async def live_through(world: World) -> None:
    """Open, renew, settle, list and prove."""
    ticket = "t_1"
    await world.access.issue_token(world.key, "", token=ticket, ttl_ms=60_000, single_use=True, claims="")
    await world.open("s_1", credential=ticket)
    await world.open("s_2")
    assert (await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 2))).fault == ""
    assert len((await world.live.page(world.account))[0]) == 2
    closed = await world.sessions.close(world.account, "s_1", used("s_1", 2, 3), "")
    assert closed.charged == 3 * PAID_PER_SECOND
    assert world.account in [account.id for account in await world.registry.accounts()]
    assert await world.sessions.sweep_due(1) == {}
    await world.sessions.sweep_due(10**13)
    assert (await world.sessions.any_lapsed()) is False
    await world.store.ping()
    await world.proof()


async def test_a_cluster_of_three_keeps_each_account_in_one_place(tmp_path: Path) -> None:
    with ExitStack() as stack:
        gossip = [free_port() for _ in range(3)]
        ports = [stack.enter_context(valkey(tmp_path / str(n), *clustered(gossip[n])))[1] for n in range(3)]
        await make_cluster(ports, gossip[0])
        worlds = [make_world(f"redis+cluster://127.0.0.1:{ports[0]}") for _ in range(6)]
        for world in worlds:
            await world.settle_in()
            await live_through(world)
        places = {await worlds[0].client.cluster_keyslot(f"{{{world.account}}}") for world in worlds}
        assert len(places) > 1
        for world in worlds:
            await world.store.close()


def clustered(gossip: int) -> tuple[str, ...]:
    """Options of a cluster's member; its second port would else be the first one and 10000."""
    return ("--cluster-enabled", "yes", "--cluster-port", str(gossip), "--cluster-node-timeout", "2000")


async def command(client: Redis, *words: object) -> Any:
    """The answer to a command that the client has no method for."""
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]


async def make_cluster(ports: list[int], gossip: int) -> None:
    """Give the slots out and let the servers meet."""
    bounds = [0, 5461, 10923, 16384]
    for number, port in enumerate(ports):
        await until(lambda port=port: answers(port))
        async with Redis(port=port) as client:
            await command(client, "CLUSTER ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
            await command(client, "CLUSTER SET-CONFIG-EPOCH", number + 1)
            if number:
                await command(client, "CLUSTER MEET", "127.0.0.1", ports[0], gossip)
    for port in ports:
        await until(lambda port=port: whole(port))


async def whole(port: int) -> bool:
    """Whether a server of the cluster sees all slots served."""
    async with Redis(port=port, decode_responses=True) as client:
        info = await command(client, "CLUSTER INFO")
        return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3")


async def test_a_failover_by_sentinels_is_followed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        master, first = stack.enter_context(valkey(tmp_path / "m"))
        replica = f"127.0.0.1 {first}"
        _, second = stack.enter_context(valkey(tmp_path / "r", "--replicaof", replica))
        await until(lambda: answers(second))
        config = (
            f"sentinel monitor accounts 127.0.0.1 {first} 1\n"
            "sentinel down-after-milliseconds accounts 300\nsentinel failover-timeout accounts 2000\n"
        )
        _, watcher = stack.enter_context(valkey(tmp_path / "s", "--sentinel", config=config))
        await until(lambda: answers(watcher))
        world = await make_world(f"redis+sentinel://127.0.0.1:{watcher}/accounts").settle_in()
        await world.open("s_1")
        async with Redis(port=second) as new:
            await until(lambda: knows_replica(watcher))
            await until(lambda: new.exists(names.session(world.account, "s_1")))
        kill_hard(master)
        async with Redis(port=second) as new:
            await until(lambda: is_master(new))
        await until(lambda: takes_writes(world))
        closed = await world.sessions.close(world.account, "s_1", used("s_1", 1, 3), "")
        assert closed.charged == 3 * PAID_PER_SECOND
        await world.proof()
        await world.store.close()


async def knows_replica(watcher: int) -> bool:
    async with Redis(port=watcher, decode_responses=True) as client:
        return bool(await command(client, "SENTINEL REPLICAS", "accounts"))


async def is_master(client: Redis) -> bool:
    return bool((await client.role())[0] == b"master")


async def takes_writes(world: World) -> bool:
    try:
        await world.store.ping()
    except Exception:
        return False
    return True
