"""Records on a real bus: one writer at a time."""

from dataclasses import replace

import pytest

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.resume.checkpoint import Fenced, read, store
from dragoman_edge.resume.checkpoint_shares import CheckpointShares
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


async def test_a_full_stream_refuses_new_sessions_and_keeps_those_it_has(bus: Bus) -> None:
    config = (await bus.js.stream_info(subjects.SESSIONS_STREAM)).config
    kept = await store(bus, record(1), 0)
    await bus.js.update_stream(replace(config, max_bytes=20_000))
    hostile = record(1).model_copy(update={"account_id": "a_2", "spec": "x" * 4000})
    try:
        with pytest.raises(MeshError) as refused:
            for number in range(2, 12):
                await store(bus, hostile.model_copy(update={"session_id": f"s_{number}"}), 0)
    finally:
        await bus.js.update_stream(config)
    assert refused.value.code is FaultCode.BUSY
    assert [r.sequence for r in await read(bus, "s_1")] == [kept]


async def test_an_account_over_its_share_is_refused_and_another_is_not(bus: Bus) -> None:
    size = len(record(1).model_dump_json())
    shares = CheckpointShares(most=size + 100)
    await store(bus, record(1), 0, shares)
    with pytest.raises(PeerError) as refused:
        await store(bus, record(1).model_copy(update={"session_id": "s_2"}), 0, shares)
    assert refused.value.code is FaultCode.RATE_LIMITED
    other = record(1).model_copy(update={"session_id": "s_3", "account_id": "a_3"})
    assert await store(bus, other, 0, shares)
