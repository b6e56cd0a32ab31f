"""A session goes from edge to edge with its records and latest results."""

from typing import Any

import pytest
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError

from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_contract.errors import MeshError
from dragoman_edge.resume import handover
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.resume.handover import Handover, ask_for, newest_first
from tests.edge.resume.test_checkpoint import record
from tests.support.fake_bus import FakeMesh
from tests.support.mesh_events import final, translation


def known(finals: int, sequence: int) -> SessionCheckpoint:
    return record(finals).model_copy(update={"sequence": sequence, "at_ms": 7})


class Holder:
    """An edge that has the session, and whether it was asked to give it away."""

    def __init__(self, given: Handover) -> None:
        self.mesh = FakeMesh()
        self.given = given
        self.gave: list[bool] = []

    async def listen(self) -> FakeMesh:
        await self.mesh.nc.subscribe(subjects.session_handover("s_1"), cb=self._answer)
        return self.mesh

    async def _answer(self, msg: Any) -> None:
        self.gave.append(msg.data != handover.LOOK)
        await handover.answer(self.mesh.bus, msg, self.given)


async def test_a_session_is_handed_over_with_its_records_and_latest_results() -> None:
    results: list[ev.Event] = [final(3), translation(3)]
    holder = Holder(Handover.of([known(4, 12), known(2, 12)], results))
    got = await ask_for((await holder.listen()).bus, "s_1", give=True)
    assert got.records == [known(4, 12), known(2, 12)] and got.events() == results
    assert holder.gave == [True]


async def test_a_session_may_be_looked_at() -> None:
    holder = Holder(Handover.of([known(4, 12)], []))
    assert (await ask_for((await holder.listen()).bus, "s_1", give=False)).records == [known(4, 12)]
    assert holder.gave == [False]


async def test_what_is_too_much_for_a_message_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    holder = Holder(Handover.of([known(4, 12), known(2, 12)], [final(3)]))
    one = len(Handover(records=[known(4, 12)]).model_dump_json())
    monkeypatch.setattr(holder.mesh.nc, "max_payload", one + handover.HEADERS_BYTES)
    got = await ask_for((await holder.listen()).bus, "s_1", give=True)
    assert got.records == [known(4, 12)] and got.results == []


async def test_a_session_that_nobody_has_is_not_handed_over() -> None:
    assert await ask_for(FakeMesh().bus, "s_1", give=True) == Handover()


async def test_an_edge_that_hangs_hands_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = FakeMesh()

    async def late(subject: str, payload: bytes, **options: float) -> Any:
        assert options["timeout"] == handover.WAIT_S
        raise NatsTimeoutError

    monkeypatch.setattr(mesh.nc, "request", late)
    assert await ask_for(mesh.bus, "s_1", give=True) == Handover()


async def test_a_bus_that_is_away_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = FakeMesh()

    async def away(subject: str, payload: bytes, **options: float) -> Any:
        raise NatsError

    monkeypatch.setattr(mesh.nc, "request", away)
    with pytest.raises(MeshError):
        await ask_for(mesh.bus, "s_1", give=True)


OTHER = Handover(records=[known(4, 12).model_copy(update={"version": 1})])


@pytest.mark.parametrize(
    "data",
    [b"", b"no json", record().model_dump_json().encode(), OTHER.model_dump_json().encode()],
    ids=["empty", "no_json", "a_record", "another_version"],
)
async def test_an_answer_of_another_release_is_none(data: bytes) -> None:
    assert handover._parsed(data, 3) == Handover()


def test_a_handed_over_record_that_is_behind_does_not_count() -> None:
    stored = [known(6, 6), known(5, 5)]
    late, good = known(7, 5), known(7, 6)
    assert newest_first([late], stored) == stored
    assert newest_first([good], stored) == [good, *stored]
