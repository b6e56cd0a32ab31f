"""A lease is renewed with the figures, outlives an outage of accounts for a while, and is settled once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.reservation import SessionReservation
from dragoman_edge.session import lease as leases
from dragoman_edge.session.lease import Lease
from dragoman_edge.session.usage import UsageMeter
from tests.support.factories import edge_context, grant
from tests.support.fake_bus import ACCOUNT, FakeMesh

AWAY = MeshError(FaultCode.UNAVAILABLE, "away")


class Ledger:
    """A lease over a mesh in memory with a clock of its own, and what its client was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, promised: bool = False, **settings: Any) -> None:
        self.now = 0.0
        self.rounds = 99
        self.waited: list[float] = []
        self.told: list[ev.Usage] = []
        self.asked: list[rpc.Message] = []
        self.mesh = FakeMesh()
        monkeypatch.setattr(asyncio, "sleep", self._sleep)
        monkeypatch.setattr("dragoman_edge.session.lease.time.monotonic", lambda: self.now)
        self.context = edge_context(self.mesh, **settings)
        self.meter = UsageMeter("s_1", ACCOUNT, "e_1")
        self.lease = Lease(self.context, grant(lease_ttl_ms=30_000), self.meter, promised, self.told.append)
        answer = self.mesh._answer

        def remembered(message: rpc.Message) -> rpc.Message:
            self.asked.append(message)
            return answer(message)

        self.mesh._answer = remembered  # type: ignore[method-assign]

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds
        self.rounds -= 1
        if self.rounds < 0:
            raise asyncio.CancelledError

    def stored(self) -> list[ev.Usage]:
        return [codec.decode_event(data) for _, data in self.mesh.js._messages]  # type: ignore[misc]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ledger]:
    return lambda **options: Ledger(monkeypatch, **options)


async def test_it_is_renewed_three_times_in_its_life_with_the_figures(make: Callable[..., Ledger]) -> None:
    ledger = make()
    ledger.rounds = 2
    ledger.meter.heard(16_000)
    with pytest.raises(asyncio.CancelledError):
        await ledger.lease.run()
    assert ledger.waited == [10.0] * 3
    first, second = ledger.asked
    assert isinstance(first, rpc.RenewRequest) and isinstance(second, rpc.RenewRequest)
    assert (first.session_id, first.account_id, first.edge_id) == ("s_1", ACCOUNT, "e_1")
    assert (first.usage.sequence, first.usage.recognised_ms, second.usage.sequence) == (1, 1000, 2)
    assert ledger.told == [first.usage, second.usage] and not ledger.mesh.stored


async def test_a_short_lease_is_not_renewed_all_the_time(make: Callable[..., Ledger]) -> None:
    ledger = make()
    ledger.rounds = 0
    ledger.lease._grant = grant(lease_ttl_ms=30)
    with pytest.raises(asyncio.CancelledError):
        await ledger.lease.run()
    assert ledger.waited == [leases.SHORTEST_S]


async def test_what_accounts_refuse_ends_it(make: Callable[..., Ledger]) -> None:
    ledger = make()
    ledger.mesh.renewal = rpc.Fault(code=FaultCode.INSUFFICIENT_CREDITS)
    with pytest.raises(PeerError) as refused:
        await ledger.lease.run()
    assert refused.value.code is FaultCode.INSUFFICIENT_CREDITS and not ledger.mesh.stored


async def test_an_outage_of_accounts_is_borne_for_the_grace_time(make: Callable[..., Ledger]) -> None:
    ledger = make(accounts_grace_s=25)
    ledger.mesh.renewal = AWAY
    with pytest.raises(MeshError) as away:
        await ledger.lease.run()
    assert away.value.code is FaultCode.UNAVAILABLE and ledger.waited == [10.0] * 3
    assert [usage.sequence for usage in ledger.stored()] == [1, 2, 3]  # billing is only late
    assert set(ledger.mesh.stored) == {subjects.usage("s_1")}


async def test_an_answer_in_between_gives_the_whole_grace_time_again(make: Callable[..., Ledger]) -> None:
    ledger = make(accounts_grace_s=15)
    answers: list[Exception | None] = [AWAY, None, AWAY, AWAY]

    def answer(message: rpc.Message) -> rpc.Message:
        ledger.mesh.renewal = answers.pop(0)
        if ledger.mesh.renewal is not None:
            raise AWAY
        return rpc.RenewReply()

    ledger.mesh._answer = answer  # type: ignore[method-assign]
    with pytest.raises(MeshError):
        await ledger.lease.run()
    assert not answers


async def test_a_promised_session_that_was_ended_elsewhere_ends_here(make: Callable[..., Ledger]) -> None:
    ledger = make(promised=True)
    looked: list[tuple[str, str]] = []

    async def life(account_id: str, session_id: str) -> SessionReservation:
        looked.append((account_id, session_id))
        return SessionReservation(started_at_ms=1, ended_at_ms=len(looked) - 1)

    ledger.context.resources.life = life  # type: ignore[method-assign]
    with pytest.raises(PeerError) as ended:
        await ledger.lease.run()
    assert ended.value.code is FaultCode.SESSION_ENDED
    assert looked == [(ACCOUNT, "s_1")] * 2


async def test_it_is_settled_with_the_last_figures_and_the_reason(make: Callable[..., Ledger]) -> None:
    ledger = make()
    ledger.meter.heard(32_000)
    await ledger.lease.settle("idle")
    (closed,) = ledger.mesh.closed
    assert (closed.session_id, closed.account_id, closed.reason, closed.edge_id) == (
        "s_1",
        ACCOUNT,
        "idle",
        "e_1",
    )
    assert closed.usage.closing and closed.usage.recognised_ms == 2000 and not ledger.mesh.stored


async def test_a_settlement_that_accounts_do_not_take_goes_to_the_stream(make: Callable[..., Ledger]) -> None:
    ledger = make()

    def away(message: rpc.Message) -> rpc.Message:
        raise AWAY

    ledger.mesh._answer = away  # type: ignore[method-assign]
    await ledger.lease.settle("ended")
    (usage,) = ledger.stored()
    assert usage.closing and usage.sequence == 1


async def test_usage_that_cannot_be_stored_either_is_no_failure(make: Callable[..., Ledger]) -> None:
    ledger = make()

    def away(message: rpc.Message) -> rpc.Message:
        raise AWAY

    async def full(*_: Any) -> None:
        raise AWAY

    ledger.mesh._answer = away  # type: ignore[method-assign]
    ledger.mesh.store = full  # type: ignore[method-assign,assignment]
    await ledger.lease.settle("ended")
