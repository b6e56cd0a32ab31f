"""Usage reports, orders to end and the sweep, without a server."""

import asyncio
from dataclasses import replace

import pytest
from nats.errors import ConnectionClosedError

from dragoman_accounts.background import UsageReports, end_sessions, sweep_forever, usage_settings
from dragoman_accounts.gate import Gate
from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import streams
from dragoman_kit.tasks import end
from dragoman_kit.work import Poison
from tests.accounts.fake_store import ACCOUNT, FakeWorld, fake_world
from tests.accounts.support import nobody_lapsed, used
from tests.support.mesh_events import final
from tests.support.recording_bus import RecordingBus, WorkMessage, until


@pytest.fixture
def world() -> FakeWorld:
    return fake_world()


async def up(world: FakeWorld) -> Gate:
    gate = Gate(world.memory.ping, nobody_lapsed)
    await gate.look()
    return gate


def report(event: ev.Event | None = None, session: str = "s_1") -> WorkMessage:
    event = event or replace(used("s_1", 1, 2), account_id=ACCOUNT, edge_id="e_1")
    return WorkMessage(codec.encode_event(event), subject=subjects.usage(session))


async def test_a_report_is_billed_and_a_session_without_credits_told_to_end(world: FakeWorld) -> None:
    bus = RecordingBus()
    reports = UsageReports(bus.bus, world.sessions, await up(world))
    world.memory.answers["report"] = [["ok", 5, 5], ["insufficient_credits", 0, 9]]
    await reports.handle(report().msg)
    assert bus.published == [] and world.memory.arguments("report")["usage"]["recognised"] == 2000
    await reports.handle(report().msg)
    (order,) = bus.published
    assert isinstance(order, ev.EndSession)
    assert (order.session_id, order.code, order.message) == (
        "s_1",
        "insufficient_credits",
        "the credits are used up",
    )


async def test_what_is_no_report_of_its_subject_is_poison(world: FakeWorld) -> None:
    reports = UsageReports(RecordingBus().bus, world.sessions, await up(world))
    for message in (WorkMessage(b"\xff"), report(final(1)), report(session="s_2")):
        with pytest.raises(Poison):
            await reports.handle(message.msg)
    world.memory.answers["report"] = [["unknown_session", 0, 0]]
    with pytest.raises(Poison, match="unknown_session"):
        await reports.handle(report().msg)


async def test_a_report_that_cannot_be_billed_is_kept_for_an_operator(world: FakeWorld) -> None:
    bus = RecordingBus()
    await UsageReports(bus.bus, world.sessions, await up(world)).give_up(report().msg, "malformed")
    assert bus.dead == [("accounts", "s_1", "malformed")]


async def test_reports_wait_for_the_store_and_are_never_given_up_for_it(world: FakeWorld) -> None:
    gate = Gate(world.memory.ping, nobody_lapsed)
    reports = UsageReports(RecordingBus().bus, world.sessions, gate)
    world.memory.answers["report"] = [["ok", 5, 5]]
    waiting = asyncio.create_task(reports.handle(report().msg))
    await asyncio.sleep(0)
    assert not world.memory.ran
    await gate.look()
    await waiting
    assert world.memory.ran
    settings = usage_settings(3)
    assert (settings.consumer, settings.concurrency) == (streams.USAGE, 3) and settings.max_deliver > 10**5
    assert reports.worker(settings) is not None


async def test_an_order_that_is_not_sent_stops_no_other(world: FakeWorld) -> None:
    bus = RecordingBus(failures=[ConnectionClosedError()])
    await end_sessions(bus.bus, ["s_1", "s_2"], "session_ended")
    assert [event.session_id for event in bus.published] == ["s_2"]


async def test_the_sweep_settles_what_is_due_while_the_store_is_up_and_survives_its_failures(
    world: FakeWorld,
) -> None:
    visits: list[str] = []
    told: list[tuple[str, list[str]]] = []

    async def lost(account_id: str, session_ids: list[str]) -> None:
        told.append((account_id, session_ids))

    async def sweep_due(now_ms: int) -> dict[str, list[str]]:
        visits.append("visit")
        if len(visits) == 1:
            raise MeshError(FaultCode.UNAVAILABLE, "away")
        return {ACCOUNT: ["s_1"]}

    world.sessions.sweep_due = sweep_due  # type: ignore[assignment, method-assign]
    gate = Gate(world.memory.ping, nobody_lapsed)
    sweeping = asyncio.create_task(sweep_forever(world.sessions, gate, 0.001, lost))
    await asyncio.sleep(0.01)
    assert visits == []  # the store was not reached yet
    await gate.look()
    await until(lambda: len(visits) > 2)
    await end(sweeping)
    assert told[0] == (ACCOUNT, ["s_1"])
