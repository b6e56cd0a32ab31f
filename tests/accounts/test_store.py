"""The door to Redis: what is lost on the way is repeated unharmed, what cannot be done is said at once."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from dragoman_accounts import names, scripts
from dragoman_accounts.store import Store, connect
from dragoman_contract.errors import FaultCode, MeshError
from tests.accounts.conftest import NewWorld
from tests.accounts.servers import Wire, answers, kill_hard, until, valkey, wire
from tests.accounts.support import PAID_PER_SECOND, World, make_world, refused, used

pytestmark = pytest.mark.integration


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[int]:
    """The port of a server of this test alone."""
    with valkey(tmp_path / "a") as (_, port):
        await until(lambda: answers(port))
        yield port


@pytest.fixture
async def wired(server: int) -> AsyncIterator[tuple[Wire, World]]:
    """A world at the end of a wire that loses answers."""
    async with wire(server) as (made, url):
        world = await make_world(url).settle_in()
        yield made, world
        await world.store.close()


async def open_one(world: World) -> object:
    return await world.open("s_1")


async def renew_one(world: World) -> object:
    return await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 5))


async def close_one(world: World) -> object:
    return await world.sessions.close(world.account, "s_1", used("s_1", 2, 7), "")


async def top_up_one(world: World) -> object:
    return await world.ledger.top_up(world.account, 100, "once")


@pytest.mark.parametrize("lost", [1, 2])
async def test_every_call_whose_answer_is_lost_is_repeated_without_harm(
    wired: tuple[Wire, World], lost: int
) -> None:
    cable, world = wired
    calls: list[Callable[[World], Awaitable[object]]] = [open_one, renew_one, top_up_one, close_one]
    for call in calls:
        cable.swallow = lost
        await call(world)
    assert cable.cut == lost * len(calls)
    account = await world.registry.account(world.account)
    assert (account.available, account.held) == (10_000_100 - 7 * PAID_PER_SECOND, 0)
    assert [line.kind for line in await world.ledger.page(world.account)] == ["topup", "topup", "session"]
    await world.proof()


async def test_a_server_that_forgot_the_scripts_is_taught_again(wired: tuple[Wire, World]) -> None:
    _, world = wired
    await world.client.script_flush()
    await world.open("s_1")
    await world.client.script_flush()
    await close_one(world)
    await world.proof()


async def test_a_server_that_became_a_replica_is_left_for_the_new_master(tmp_path: Path, server: int) -> None:
    with valkey(tmp_path / "b", "--replicaof", f"127.0.0.1 {server}") as (_, second):
        async with wire(server) as (cable, url), Redis(port=server) as old, Redis(port=second) as new:
            world = await make_world(url).settle_in()
            await until(lambda: new.exists(names.ledger(world.account)))
            await world.open("s_1")
            await until(lambda: new.exists(names.session(world.account, "s_1")))
            await new.replicaof("NO", "ONE")
            await old.replicaof("127.0.0.1", str(second))
            # The name still leads to the old server: refused, and nothing hangs.
            assert await refused(renew_one(world)) == FaultCode.UNAVAILABLE
            cable._port = second
            await close_one(world)
            await world.proof()
            await world.store.close()


async def test_a_server_that_is_gone_refuses_at_once_and_serves_when_it_is_back(tmp_path: Path) -> None:
    # "always": a busy disk may make the server write its file later than it answers.
    with valkey(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as (process, port):
        await until(lambda: answers(port))
        world = await make_world(f"redis://127.0.0.1:{port}").settle_in()
        kill_hard(process)
        with pytest.raises(MeshError) as caught:
            await world.open("s_1")
        assert caught.value.code == FaultCode.UNAVAILABLE and caught.value.retry_after_ms > 0
        with valkey(tmp_path, "--appendonly", "yes", port=port):
            await until(lambda: answers(port))
            await world.open("s_1")
        await world.store.close()


async def test_a_kill_of_the_server_loses_no_settled_line_and_no_hold(tmp_path: Path) -> None:
    with valkey(tmp_path, "--appendonly", "yes", "--appendfsync", "everysec") as (process, port):
        await until(lambda: answers(port))
        world = await make_world(f"redis://127.0.0.1:{port}").settle_in()
        for number in range(20):
            await world.open(f"s_{number}")
            await world.sessions.close(world.account, f"s_{number}", used(f"s_{number}", 1, 1), "")
        await world.open("s_live")
        kill_hard(process)
    with valkey(tmp_path, "--appendonly", "yes", port=port):
        await until(lambda: answers(port))
        lines = await world.ledger.page(world.account)
        assert [line.session_id for line in lines[1:]] == [f"s_{number}" for number in range(20)]
        assert (await world.sessions.renew(world.account, "s_live", "e1", used("s_live", 1, 3))).fault == ""
        await world.sessions.close(world.account, "s_live", used("s_live", 2, 4), "")
        await world.proof()
        await world.store.close()


async def test_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    with valkey(tmp_path) as (process, port):
        await until(lambda: answers(port))
        world = await make_world(f"redis://127.0.0.1:{port}", timeout_s=0.1).settle_in()
        assert process.process
        process.process.send_signal(signal.SIGSTOP)
        try:
            assert await refused(world.open("s_1")) == FaultCode.UNAVAILABLE
        finally:
            process.process.send_signal(signal.SIGCONT)
        await world.store.close()


async def test_a_server_without_memory_takes_no_session_and_says_so(wired: tuple[Wire, World]) -> None:
    _, world = wired
    await world.client.config_set("maxmemory-policy", "noeviction")
    await world.client.config_set("maxmemory", "1")
    assert await refused(world.open("s_1")) == FaultCode.UNAVAILABLE
    assert await refused(world.store.ping()) == FaultCode.UNAVAILABLE
    await world.client.config_set("maxmemory", "0")
    await world.open("s_1")


async def test_a_broken_record_is_an_internal_error_without_details(world: World) -> None:
    await world.client.set(names.session(world.account, "s_1"), "not a hash")
    with pytest.raises(MeshError) as caught:
        await world.open("s_1")
    assert (caught.value.code, caught.value.message) == (FaultCode.INTERNAL, "an internal error happened")


async def test_no_more_connections_are_made_than_allowed(server: int) -> None:
    store = Store(connect(f"redis://127.0.0.1:{server}", connections=3), limit=3, timeout_s=5)
    await asyncio.gather(*(store.command("PING") for _ in range(200)))
    async with Redis(port=server) as client:
        assert len(await client.client_list()) <= 3 + 1
    await store.close()


@pytest.mark.parametrize(
    "url", ["", "http://x", "localhost:6379", "redis+sentinel://127.0.0.1:26379", "redis+other://x"]
)
def test_a_url_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        connect(url)


async def test_scripts_name_only_keys_of_their_account(new_world: NewWorld) -> None:
    world = await new_world()
    await world.open("s_1")
    await close_one(world)
    found = [name async for name in world.client.scan_iter(match=f"*{world.account}*")]
    assert len(found) >= 5
    assert all(name.startswith(f"dragoman:{{{world.account}}}") for name in found)


# What every Redis 7.2 and Valkey has; a script that needs more must not slip in.
COMMANDS = {
    "DEL", "EXISTS", "GET", "HGET", "HGETALL", "HINCRBY", "HMGET", "HSET", "PEXPIRE", "PTTL", "SET", "TIME",
    "TYPE", "XADD", "XREVRANGE", "ZADD", "ZCARD", "ZRANGE", "ZRANGEBYSCORE", "ZREM", "ZREMRANGEBYSCORE",
    "ZSCORE",
}  # fmt: skip


def test_scripts_use_only_commands_that_every_supported_server_has() -> None:
    used_commands = {
        command
        for script in scripts.load().values()
        for command in re.findall(r"redis\.p?call\('(\w+)'", script.source)
    }
    assert used_commands and used_commands <= COMMANDS
