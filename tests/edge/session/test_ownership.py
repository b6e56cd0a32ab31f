"""One edge has a session: it writes records, hears when it lost the session, hands it over when asked."""

import asyncio
import contextlib
from typing import Any

import pytest
from nats.errors import ConnectionClosedError

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume import handover
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.resume.handover import Handover, ask_for
from dragoman_edge.session.ownership import RECORD_EVERY_S, Ownership
from dragoman_edge.session.state import Move, Phase, SessionState
from tests.edge.resume.test_checkpoint import record
from tests.support.factories import edge_context
from tests.support.fake_bus import FakeMesh


class Owner:
    """An edge with a session, and what it was told."""

    def __init__(
        self, mesh: FakeMesh, writer: str = "h_1", resumable: bool = True, sequence: int = 0,
        phase: Phase = Phase.LIVE,
    ) -> None:  # fmt: skip
        self.mesh = mesh
        self.writer = writer
        self.finals = 1
        self.state = SessionState(phase)
        self.failed: list[BaseException] = []
        self.gives = True
        self.gave: list[bool] = []
        self.made = Ownership(
            edge_context(mesh), "s_1", resumable, self.state, sequence, self.snapshot, self.hand_over,
            self.failed.append,
        )  # fmt: skip

    def snapshot(self) -> SessionCheckpoint:
        return record(self.finals).model_copy(
            update={"writer": self.writer, "sequence": 5, "kept": ["pending"]}
        )

    def hand_over(self, give: bool) -> Handover | None:
        self.gave.append(give)
        return Handover(records=self.made.records()) if self.gives else None

    async def written(self) -> list[SessionCheckpoint]:
        return await records.read(self.mesh.bus, "s_1")


async def test_records_follow_each_other() -> None:
    owner = Owner(FakeMesh())
    await owner.made.record()
    await owner.made.write(ended=True)
    assert [(r.sequence, r.ended) for r in await owner.written()] == [(2, True), (1, False)]
    assert owner.made.sequence == 2


async def test_nothing_is_written_of_a_session_that_nobody_can_resume() -> None:
    owner = Owner(FakeMesh(), resumable=False)
    await owner.made.record()
    await owner.made.listen()
    assert await owner.made.write_final_checkpoint()
    assert await owner.written() == [] and not owner.mesh.nc.subscriptions


async def test_nothing_more_is_written_of_a_session_that_was_handed_over() -> None:
    owner = Owner(FakeMesh())
    owner.state.move(Move.HAND_OVER)
    await owner.made.record()
    assert not await owner.made.write_final_checkpoint()
    assert await owner.written() == []


async def test_an_edge_that_another_was_quicker_than_loses_the_session() -> None:
    mesh = FakeMesh()
    old = Owner(mesh)
    await old.made.record()
    await Owner(mesh, "h_2", sequence=old.made.sequence).made.write()
    with pytest.raises(MeshError) as lost:
        await old.made.write()
    assert lost.value.code is FaultCode.DRAINING and old.failed == [lost.value]
    assert old.state.phase is Phase.HANDED_OVER


async def test_an_edge_that_gave_the_session_away_meanwhile_is_not_told_twice() -> None:
    mesh = FakeMesh()
    old = Owner(mesh)
    await old.made.record()
    await Owner(mesh, "h_2", sequence=old.made.sequence).made.write()
    old.state.move(Move.HAND_OVER)
    with pytest.raises(MeshError):
        await old.made.write()
    assert not old.failed


async def test_a_record_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> int:
        raise MeshError(FaultCode.UNAVAILABLE, "away")

    owner = Owner(FakeMesh())
    monkeypatch.setattr(records, "store", away)
    await owner.made.record()
    assert await owner.made.write_final_checkpoint() and not owner.failed


async def test_an_account_over_its_share_gets_no_records_but_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = Owner(FakeMesh())
    monkeypatch.setattr(owner.made._parts.checkpoint_shares, "_most", 10)
    await owner.made.record()
    assert not await owner.written() and not owner.failed
    assert await owner.made.write_final_checkpoint()
    assert [r.ended for r in await owner.written()] == [True]


async def test_the_last_record_says_that_the_session_has_ended() -> None:
    owner = Owner(FakeMesh())
    assert await owner.made.write_final_checkpoint()
    assert [r.ended for r in await owner.written()] == [True]


async def test_the_end_of_a_session_that_is_lost_by_then_is_not_ours_to_tell() -> None:
    mesh = FakeMesh()
    old = Owner(mesh)
    await old.made.record()
    await Owner(mesh, "h_2", sequence=old.made.sequence).made.write()
    assert not await old.made.write_final_checkpoint()


async def test_a_record_on_its_way_is_finished_though_its_writer_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = Owner(FakeMesh())
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(bus: Any, made: SessionCheckpoint, after: int, shares: Any) -> int:
        begun.set()
        await go_on.wait()
        return after + 1

    monkeypatch.setattr(records, "store", slow)
    first = asyncio.create_task(owner.made.write())
    await begun.wait()
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    second = asyncio.create_task(owner.made.write())
    await asyncio.sleep(0)
    go_on.set()
    await second
    assert owner.made.sequence == 2  # the second knew of the first


@pytest.mark.parametrize(("phase", "records_written"), [(Phase.LIVE, 3), (Phase.DETACHED, 0)])
async def test_records_are_written_now_and_then_while_the_client_is_there(
    monkeypatch: pytest.MonkeyPatch, phase: Phase, records_written: int
) -> None:
    owner = Owner(FakeMesh(), phase=phase)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) > 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr("time.monotonic", lambda: 50.0)
    with pytest.raises(asyncio.CancelledError):
        await owner.made.run()
    assert waited == [0.0, RECORD_EVERY_S, RECORD_EVERY_S, RECORD_EVERY_S]
    assert owner.made.sequence == records_written


async def test_who_asks_gets_the_session() -> None:
    owner = Owner(FakeMesh())
    await owner.made.listen()
    (got,) = (await ask_for(owner.mesh.bus, "s_1", give=True)).records
    assert (got.writer, got.sequence) == ("h_1", 5)
    await ask_for(owner.mesh.bus, "s_1", give=False)
    assert owner.gave == [True, False]


async def test_it_remembers_the_records_that_it_wrote_and_could_not_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: Any) -> int:
        raise MeshError(FaultCode.UNAVAILABLE, "away")

    owner = Owner(FakeMesh())
    monkeypatch.setattr(records, "store", away)
    for owner.finals in (1, 2, 2, 3):
        await owner.made.record()
    owner.finals = 4
    known = owner.made.records()
    assert [one.got().finals for one in known] == [{"0": count} for count in (4, 3, 2, 1)]
    assert {one.sequence for one in known} == {5} and not known[1].kept


async def test_who_asks_for_what_cannot_be_given_gets_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner(FakeMesh())
    owner.gives = False
    monkeypatch.setattr(handover, "WAIT_S", 0.01)
    await owner.made.listen()
    assert not (await ask_for(owner.mesh.bus, "s_1", give=True)).records


async def test_it_is_asked_on_its_own_subject_until_it_lets_go() -> None:
    owner = Owner(FakeMesh())
    await owner.made.listen()
    assert [s.pattern for s in owner.mesh.nc.subscriptions] == [subjects.session_handover("s_1")]
    await owner.made.unsubscribe()
    await owner.made.unsubscribe()
    assert not owner.mesh.nc.subscriptions


async def test_a_bus_that_is_away_does_not_keep_it_from_letting_go(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner(FakeMesh())
    await owner.made.listen()

    async def closed() -> None:
        raise ConnectionClosedError

    monkeypatch.setattr(owner.mesh.nc.subscriptions[0], "unsubscribe", closed)
    await owner.made.unsubscribe()
