"""Usage from the stream, orders to end, and the sweep, over a real bus and a real store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from nats.aio.msg import Msg

from dragoman_accounts import background
from dragoman_accounts.background import UsageReports, end_sessions, sweep_forever, usage_settings
from dragoman_accounts.gate import Gate
from dragoman_accounts.sessions import Terms
from dragoman_contract import codec, subjects
from dragoman_contract.errors import FaultCode
from dragoman_contract.events import EndSession, Event, Usage
from dragoman_kit.bus import Bus
from dragoman_kit.tasks import end
from tests.accounts.conftest import NewWorld
from tests.accounts.servers import until
from tests.accounts.support import PAID_PER_SECOND, World, nobody_lapsed, used


async def nobody(account_id: str, session_ids: list[str]) -> None:
    """Whom nothing is told."""


@pytest.fixture
async def gate(world: World) -> Gate:
    made = Gate(world.store.ping, nobody_lapsed)
    await made.look()
    return made


@pytest.fixture
async def billing(world: World, bus: Bus, gate: Gate) -> AsyncIterator[None]:
    """The usage consumer at work."""
    quick = replace(usage_settings(2), retry_delay_s=0.001)
    worker = UsageReports(bus, world.sessions, gate).worker(quick)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        yield
        worker.stop()


async def publish(bus: Bus, world: World, usage: Usage) -> None:
    usage = replace(usage, account_id=usage.account_id or world.account)
    await bus.store(subjects.usage(usage.session_id), codec.encode_event(usage), subjects.message_id(usage))


async def charged(world: World) -> int:
    return (await world.registry.account(world.account)).charged


async def heard(bus: Bus, session: str) -> list[Event]:
    """Collects what is told to a session's edge."""
    events: list[Event] = []

    async def receive(msg: Msg) -> None:
        events.append(codec.decode_event(msg.data))

    await bus.nc.subscribe(subjects.session_events(session), cb=receive)
    await bus.nc.flush()
    return events


async def test_a_closing_report_on_the_stream_settles_the_session(
    world: World, bus: Bus, billing: None
) -> None:
    await world.open("s_1")
    await publish(bus, world, used("s_1", 1, 3, closing=True))
    await until(lambda: charged(world))
    assert await charged(world) == 3 * PAID_PER_SECOND
    await world.proof()


async def test_reports_wait_on_the_stream_while_the_store_is_away(
    world: World, bus: Bus, gate: Gate, billing: None
) -> None:
    await world.open("s_1")
    gate._usable.clear()
    await publish(bus, world, used("s_1", 1, 2))
    await publish(bus, world, used("s_1", 2, 4, closing=True))
    assert await charged(world) == 0
    await gate.look()
    await until(lambda: charged(world))
    assert await charged(world) == 4 * PAID_PER_SECOND
    assert len(await world.ledger.page(world.account)) == 2


@pytest.mark.parametrize(
    "report",
    [
        used("s_unknown", 1, 1),
        used("s_1", 1, 1, account="acc_none"),
        used("s_1", 1, 1, account="a.b"),
        Usage(session_id="s_1", sequence=1, recognised_ms=2**40),
    ],
)
async def test_a_report_that_cannot_be_billed_is_put_aside_and_changes_nothing(
    world: World, bus: Bus, billing: None, report: Usage
) -> None:
    await world.open("s_1")
    await publish(bus, world, report)

    async def dead() -> int:
        return (await bus.js.stream_info(subjects.DEAD_STREAM)).state.messages

    await until(dead)
    stored = await bus.js.get_last_msg(subjects.DEAD_STREAM, subjects.dead("accounts", report.session_id))
    assert codec.decode_event(stored.data or b"") == replace(
        report, account_id=report.account_id or world.account
    )
    assert await charged(world) == 0
    await world.proof()


async def test_bytes_that_are_no_report_do_not_stop_the_others(world: World, bus: Bus, billing: None) -> None:
    await world.open("s_1")
    await bus.store(subjects.usage("s_0"), b"\xff\xff", "odd")
    await publish(bus, world, used("s_1", 1, 1, closing=True))
    await until(lambda: charged(world))


async def test_a_report_that_uses_up_the_credits_tells_the_edge_to_end(new_world: NewWorld, bus: Bus) -> None:
    world = await new_world(credits=6 * PAID_PER_SECOND)
    await world.open("s_1")
    events = await heard(bus, "s_1")
    gate = Gate(world.store.ping, nobody_lapsed)
    await gate.look()
    reports = UsageReports(bus, world.sessions, gate)
    usage = replace(used("s_1", 1, 3), account_id=world.account)
    await reports.handle(Msg(_client=bus.nc, subject=subjects.usage("s_1"), data=codec.encode_event(usage)))

    async def told() -> bool:
        return bool(events)

    await until(told)
    (event,) = events
    assert isinstance(event, EndSession) and event.code == FaultCode.INSUFFICIENT_CREDITS


async def test_an_order_to_end_reaches_the_sessions_edge(bus: Bus) -> None:
    events = await heard(bus, "s_1")
    await end_sessions(bus, ["s_0", "s_1"], FaultCode.REVOKED_CREDENTIAL)

    async def told() -> bool:
        return bool(events)

    await until(told)
    assert events == [EndSession(session_id="s_1", code="revoked_credential", message="the key was revoked")]


async def test_several_sweepers_settle_a_lost_session_once(new_world: NewWorld) -> None:
    quick = Terms(lease_ttl_ms=20, grace_ms=20)
    world = await new_world(terms=quick)
    await world.open("s_1")
    gate = Gate(world.store.ping, nobody_lapsed, recovery_s=0)
    await gate.look()
    sweepers = [asyncio.create_task(sweep_forever(world.sessions, gate, 0.005, nobody)) for _ in range(3)]

    async def settled() -> bool:
        return len(await world.ledger.page(world.account)) > 1

    await until(settled)
    await end(*sweepers)
    assert [line.reason for line in await world.ledger.page(world.account)][1:] == ["expired"]
    assert (await world.registry.account(world.account)).held == 0


async def test_nothing_is_swept_while_the_store_recovers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(world.store.ping, nobody_lapsed)
    asked: list[int] = []

    async def sweep_due(now_ms: int) -> dict[str, list[str]]:
        asked.append(now_ms)
        return {}

    monkeypatch.setattr(world.sessions, "sweep_due", sweep_due)
    sweeper = asyncio.create_task(background.sweep_forever(world.sessions, gate, 0, nobody))
    for _ in range(20):
        await asyncio.sleep(0)
    assert asked == []
    await gate.look()

    async def swept() -> bool:
        return bool(asked)

    await until(swept)
    await end(sweeper)
