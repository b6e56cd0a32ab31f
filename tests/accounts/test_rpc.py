"""The accounts methods over a real bus and a real store."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from dragoman_accounts.gate import Gate
from dragoman_accounts.money import MICRO
from dragoman_accounts.rpc import Rpc
from dragoman_contract import rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.events import Usage
from dragoman_contract.fingerprints import fingerprint
from dragoman_kit.bus import Bus
from tests.accounts.support import PAID_PER_SECOND, SPEC, World, nobody_lapsed, refused, used


@pytest.fixture
async def serving(world: World, bus: Bus) -> AsyncIterator[Rpc]:
    """The handlers, subscribed."""
    gate = Gate(world.store.ping, nobody_lapsed)
    await gate.look()
    handlers = Rpc(world.access, world.sessions, gate)
    subscriptions = await handlers.subscribe(bus)
    yield handlers
    for subscription in subscriptions:
        await subscription.unsubscribe()
    await handlers.drain(5)


def opening(world: World, session: str = "s_1", credential: str = "") -> rpc.OpenRequest:
    return rpc.OpenRequest(
        credential=credential or world.key, source="10.0.0.1", session_id=session, edge_id="e1", spec=SPEC
    )


def charged() -> float:
    """Credits that the metric has counted."""
    return REGISTRY.get_sample_value("dragoman_accounts_charged_credits_total") or 0.0


async def opened(bus: Bus, request: rpc.OpenRequest) -> rpc.OpenReply:
    return await bus.request(subjects.accounts("open"), request, rpc.OpenReply)


async def test_a_session_lives_over_the_bus(world: World, bus: Bus, serving: Rpc) -> None:
    reply = await opened(bus, opening(world))
    assert reply.fault is None and reply.usage is None and reply.grant is not None
    assert reply.grant.account_id == world.account and reply.grant.lease_ttl_ms == 15_000
    renewed = await bus.request(
        subjects.accounts("renew"),
        rpc.RenewRequest(session_id="s_1", account_id=world.account, edge_id="e1", usage=used("s_1", 1, 1.5)),
        rpc.RenewReply,
    )
    assert renewed.fault is None
    again = await opened(bus, opening(world))
    assert again.usage == Usage(
        session_id="s_1", account_id=world.account, sequence=1, recognised_ms=1500, translated_ms=1500,
        synthesised_ms=1500,
    )  # fmt: skip
    before = charged()
    closed = await bus.request(
        subjects.accounts("close"),
        rpc.CloseRequest(session_id="s_1", account_id=world.account, usage=used("s_1", 2, 2), edge_id="e1"),
        rpc.CloseReply,
    )
    assert (closed.fault, closed.charged) == (None, 2 * PAID_PER_SECOND)
    assert charged() - before == pytest.approx(2 * PAID_PER_SECOND / MICRO)
    await world.proof()


async def test_a_token_is_issued_and_recognised_over_the_bus(world: World, bus: Bus, serving: Rpc) -> None:
    issued = await bus.request(
        subjects.accounts("issue_token"),
        rpc.IssueTokenRequest(credential=world.key, token=fingerprint("kst_1"), ttl_ms=60_000, claims="{}"),
        rpc.IssueTokenReply,
    )
    assert issued.expires_at_ms == world.now + 60_000
    known = await bus.request(
        subjects.accounts("authenticate"),
        rpc.AuthenticateRequest(credential="kst_1"),
        rpc.AuthenticateReply,
    )
    assert (known.account_id, known.key_id, known.tier) == (world.account, world.key_id, "paid")
    assert (known.claims, known.credits_remaining) == ("{}", 10_000_000)


@pytest.mark.parametrize("credential", ["wrong", "dk_live_wrong"])
async def test_a_refusal_is_a_fault_that_does_not_echo_the_key(
    world: World, bus: Bus, serving: Rpc, credential: str
) -> None:
    reply = await opened(bus, opening(world, credential=credential))
    assert reply.grant is None and reply.fault is not None
    assert reply.fault.code == FaultCode.INVALID_CREDENTIAL and credential not in reply.fault.message


async def test_a_message_that_is_none_is_refused_and_the_service_goes_on(
    world: World, bus: Bus, serving: Rpc
) -> None:
    from dragoman_contract import codec

    answer = await bus.nc.request(subjects.accounts("open"), b"\xff\xff\xff", timeout=5)
    fault = codec.decode(rpc.OpenReply, answer.data).fault
    assert fault is not None and fault.code == FaultCode.BAD_REQUEST
    assert (await opened(bus, opening(world))).fault is None


async def test_a_bug_is_an_internal_fault_and_the_service_goes_on(
    world: World, bus: Bus, serving: Rpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret detail")

    with monkeypatch.context() as patch:
        patch.setattr(world.sessions, "open", broken)
        fault = (await opened(bus, opening(world))).fault
    assert fault is not None and (fault.code, fault.message) == (
        FaultCode.INTERNAL,
        "an internal error happened",
    )
    assert (await opened(bus, opening(world))).fault is None


async def test_a_store_that_is_away_refuses_new_sessions_at_once(
    world: World, bus: Bus, serving: Rpc
) -> None:
    serving._gate._usable.clear()
    fault = (await opened(bus, opening(world))).fault
    assert fault is not None and fault.code == FaultCode.UNAVAILABLE and fault.retry_after_ms > 0


async def test_more_requests_than_can_be_in_hand_are_refused_as_busy(
    world: World, bus: Bus, serving: Rpc
) -> None:
    serving.answering.limit = 0
    fault = (await opened(bus, opening(world))).fault
    assert fault is not None and fault.code == FaultCode.BUSY


async def test_after_an_outage_running_sessions_take_their_slots_before_new_ones(
    world: World, bus: Bus
) -> None:
    now = 0.0
    gate = Gate(world.store.ping, nobody_lapsed, recovery_s=6, clock=lambda: now)
    await gate.look()
    handlers = Rpc(world.access, world.sessions, gate)
    for session in ("s_1", "s_2"):
        await handlers.open(opening(world, session))
    gate._usable.clear()
    await world.at(600_000)  # far beyond lease and grace
    await gate.look()
    with pytest.raises(MeshError):
        await handlers.open(opening(world, "s_3"))
    for session in ("s_1", "s_2"):
        usage = used(session, 1, 30)
        renewal = rpc.RenewRequest(session_id=session, account_id=world.account, edge_id="e1", usage=usage)
        assert (await handlers.renew(renewal)).fault is None
    now = 6.0
    assert await refused(handlers.open(opening(world, "s_3"))) == FaultCode.CONCURRENCY_EXCEEDED
    assert await world.sessions.sweep(world.account) == (world.now + 75_000, [])
    await world.proof()
