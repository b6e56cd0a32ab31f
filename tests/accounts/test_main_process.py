"""The service as a process, with a bus and a store of its own, and things killed around it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dragoman_accounts import names
from dragoman_cli.processes import Managed, start_valkey, stop_all, wait_ready
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus
from tests.accounts.servers import kill_hard, until
from tests.accounts.support import SPEC, World, make_world, used
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration

KEY = "dk_live_a-key-for-the-tests"
ACCOUNT = "acc_development"
PER_SECOND = 3000  # of SPEC on the tier "development": 1000 + 500 + 1500
ROOT = Path(__file__).parents[2]


def environment(nats: str, redis: str, folder: Path, **more: str) -> dict[str, str]:
    own = {
        "REDIS_URL": redis,
        "PEPPER": "a pepper for tests",
        "ADMIN_TOKEN": "an admin token for tests",
        "BOOTSTRAP_KEY": KEY,
        "PORT_FILE": str(folder / "port"),
        "LEASE_TTL_S": "0.6",
        "GRACE_S": "0.2",
        "SWEEP_S": "0.05",
        "RECOVERY_S": "0",
    } | more
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return clean | {"DRAGOMAN_NATS_URL": nats} | {f"DRAGOMAN_ACCOUNTS_{n}": v for n, v in own.items()}


@asynccontextmanager
async def running(nats: str, redis: str, folder: Path, **more: str) -> AsyncIterator[Managed]:
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    command = [sys.executable, "-m", "dragoman_accounts"]
    process = Managed("accounts", command, folder / "log", environment(nats, redis, folder, **more)).start()

    async def listening() -> bool:
        return (folder / "port").exists() or not process.alive

    try:
        await until(listening)
        wait_ready(process, f"http://127.0.0.1:{(folder / 'port').read_text().strip()}")
        yield process
    finally:
        stop_all([process])


@pytest.fixture
async def service(own_nats_url: str, own_redis_url: str, tmp_path: Path) -> AsyncIterator[Managed]:
    async with running(own_nats_url, own_redis_url, tmp_path / "accounts") as process:
        yield process


@pytest.fixture
async def inside(own_redis_url: str) -> AsyncIterator[World]:
    """A look at the service's store."""
    world = make_world(own_redis_url)
    world.account = ACCOUNT
    yield world
    await world.store.close()


async def opened(bus: Bus, session: str) -> rpc.OpenReply:
    request = rpc.OpenRequest(credential=KEY, session_id=session, edge_id="e1", spec=SPEC)
    return await bus.request(subjects.accounts("open"), request, rpc.OpenReply)


async def closed(world: World) -> list[int]:
    return [line.micro for line in await world.ledger.page(ACCOUNT) if line.kind != "topup"]


async def test_a_killed_edge_frees_its_slot_and_is_billed_once_for_what_it_reported(
    service: Managed, bus: Bus, own_nats_url: str, inside: World
) -> None:
    edge = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.accounts.pretend_edge", own_nats_url, KEY, "s_1",
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert edge.stdout
    heard = 0
    while heard < 5:
        heard = int(await asyncio.wait_for(edge.stdout.readline(), WAIT_S))
    edge.kill()
    heard = max([heard, *(int(line) for line in (await edge.stdout.read()).split())])
    await edge.wait()
    await until(lambda: closed(inside))
    assert await inside.client.zcard(names.leases(ACCOUNT)) == 0
    reported = (await closed(inside))[0]
    # The last report may have arrived although its answer was not told any more.
    assert reported in (heard * PER_SECOND, (heard + 1) * PER_SECOND)
    await asyncio.sleep(0)
    assert sum(await closed(inside)) == (await inside.registry.account(ACCOUNT)).charged
    await inside.proof()


async def test_a_killed_service_is_replaced_in_the_middle_of_a_session(
    service: Managed, bus: Bus, own_nats_url: str, own_redis_url: str, inside: World, tmp_path: Path
) -> None:
    await opened(bus, "s_1")
    kill_hard(service)
    with pytest.raises(MeshError):
        await opened(bus, "s_2")
    usage = used("s_1", 1, 2, closing=True, account=ACCOUNT)
    await bus.store(subjects.usage("s_1"), codec.encode_event(usage), subjects.message_id(usage))
    async with running(own_nats_url, own_redis_url, tmp_path / "second"):
        await until(lambda: closed(inside))
        assert sum(await closed(inside)) == 2 * PER_SECOND
        assert (await opened(bus, "s_2")).fault is None
        await inside.proof()


async def test_an_outage_of_the_store_refuses_new_sessions_and_only_delays_the_bill(
    own_nats_url: str, bus: Bus, tmp_path: Path
) -> None:
    store, url = start_valkey(tmp_path / "valkey")
    known = urlsplit(url)
    world = make_world(url)
    try:
        async with running(own_nats_url, url, tmp_path / "accounts", LEASE_TTL_S="30"):
            assert (await opened(bus, "s_1")).fault is None
            kill_hard(store)
            fault = (await opened(bus, "s_2")).fault
            assert fault is not None and fault.code == FaultCode.UNAVAILABLE
            usage = used("s_1", 7, 4, closing=True, account=ACCOUNT)
            await bus.store(subjects.usage("s_1"), codec.encode_event(usage), subjects.message_id(usage))
            store, _ = start_valkey(tmp_path / "valkey", known.port or 0, password=known.password or "")
            await until(lambda: closed(world))
            assert await closed(world) == [4 * PER_SECOND]

            async def let_in() -> bool:
                return (await opened(bus, "s_3")).fault is None

            await until(let_in)
            assert (await world.ledger.reconcile(ACCOUNT)).problems == ()
    finally:
        await world.store.close()
        stop_all([store])


async def test_a_second_start_keeps_the_account_and_its_key(
    service: Managed, bus: Bus, own_nats_url: str, own_redis_url: str, inside: World, tmp_path: Path
) -> None:
    async with running(own_nats_url, own_redis_url, tmp_path / "second"):
        account = await inside.registry.account(ACCOUNT)
        assert account.topped == account.available == 1_000_000_000_000
        assert len(await inside.registry.keys(ACCOUNT)) == 1
        assert (await opened(bus, "s_1")).fault is None


async def test_the_log_holds_no_key(service: Managed, bus: Bus) -> None:
    await opened(bus, "s_1")
    wrong = rpc.OpenRequest(credential="dk_live_wrong", session_id="s_2", edge_id="e1", spec=SPEC)
    await bus.request(subjects.accounts("open"), wrong, rpc.OpenReply)
    service.terminate()
    assert service.process and service.process.wait(20) == 0
    log = service.log.read_text()
    assert "dk_live" not in log and "an admin token" not in log and "a pepper" not in log


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("PEPPER", "short", "fewer than 16 characters"),
        ("ADMIN_TOKEN", "", "fewer than 16 characters"),
        ("REDIS_URL", "http://x", "the URL of the store must begin with"),
        ("TIERS_FILE", "/nowhere.yaml", "/nowhere.yaml: cannot be read"),
        ("MARGIN_S", "30", "margin_s is longer than hold_s"),
        ("LEASE_TTL", "3", "did you mean DRAGOMAN_ACCOUNTS_LEASE_TTL_S"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(
    tmp_path: Path, setting: str, value: str, message: str
) -> None:
    import subprocess

    env = environment("nats://127.0.0.1:1", "redis://127.0.0.1:1", tmp_path, **{setting: value})
    done = subprocess.run(
        [sys.executable, "-m", "dragoman_accounts"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0 and message in done.stderr
    assert "a pepper" not in done.stderr and "an admin token" not in done.stderr
