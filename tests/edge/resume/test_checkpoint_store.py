"""Records on a real bus: one writer at a time."""

import pytest

from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume.checkpoint import Fenced, read, store
from dragoman_kit.bus import Bus
from tests.edge.resume.test_checkpoint import record


async def test_one_writer_follows_its_own_records(bus: Bus) -> None:
    mine = record(1).model_copy(update={"writer": "h_1"})
    first = await store(bus, mine, 0)
    second = await store(bus, mine.model_copy(update={"at_ms": 5}), first)
    assert [r.sequence for r in await read(bus, "s_1")] == [second, first]


async def test_another_writer_takes_over_and_the_old_one_is_told(bus: Bus) -> None:
    old, new = (record(1).model_copy(update={"writer": w}) for w in ("h_old", "h_new"))
    first = await store(bus, old, 0)
    second = await store(bus, new, first)
    with pytest.raises(Fenced):
        await store(bus, old, first)
    assert [r.writer for r in await read(bus, "s_1")] == ["h_new", "h_old"]
    assert await store(bus, new, second) > second


async def test_a_record_whose_answer_was_lost_is_ones_own(bus: Bus) -> None:
    mine = record(1).model_copy(update={"writer": "h_1"})
    first = await store(bus, mine, 0)
    await store(bus, mine, first)  # its answer never came
    third = await store(bus, mine, first)
    assert third == first + 2


async def test_two_that_take_over_at_once_are_told_apart(bus: Bus) -> None:
    first = await store(bus, record(1).model_copy(update={"writer": "h_1"}), 0)
    await store(bus, record(1).model_copy(update={"writer": "h_2"}), first)
    with pytest.raises(Fenced):
        await store(bus, record(1).model_copy(update={"writer": "h_3"}), first)


async def test_a_handed_over_record_that_is_behind_does_not_count() -> None:
    stored = [record(6).model_copy(update={"sequence": 6}), record(5).model_copy(update={"sequence": 5})]
    late, good = (record(7).model_copy(update={"sequence": s}) for s in (5, 6))
    assert records.newest_first([late], stored) == stored
    assert records.newest_first([good], stored) == [good, *stored]
