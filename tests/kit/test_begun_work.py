"""What a worker has in hand, noted for whoever gets it after its death."""

import asyncio

import pytest
from nats.errors import ConnectionClosedError

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode
from dragoman_kit import begun_work
from dragoman_kit.begun_work import BegunWork
from dragoman_kit.engine_process import EngineLost
from tests.support.recording_bus import RecordingBus, WorkMessage, until

NEVER_LEFT: list[object] = []  # a block that is collected is left
NOTE = subjects.begun("work", 7)


class Noting(RecordingBus):
    """Keeps what is published where it is read again."""

    def __init__(self) -> None:
        super().__init__()
        self.nc.on_publish = self._keep

    async def _keep(self, subject: str, payload: bytes) -> None:
        self.js.notes[subject] = payload


async def die(begun: BegunWork, message: WorkMessage) -> None:
    """Begin it and never come back."""
    block = begun.trying(message.msg, await begun.deaths(message.msg))
    NEVER_LEFT.append(block)
    await block.__aenter__()


async def test_work_that_comes_for_the_first_time_is_not_asked_about() -> None:
    bus = Noting()
    assert await BegunWork(bus.bus).deaths(WorkMessage(b"").msg) == 0
    assert bus.js.calls == []


async def test_a_death_is_told_to_the_next_worker_and_the_second_to_the_one_after() -> None:
    bus = Noting()
    await die(BegunWork(bus.bus), WorkMessage(b"", tries=1))
    assert await BegunWork(bus.bus).deaths(WorkMessage(b"", tries=2).msg) == 1
    await die(BegunWork(bus.bus), WorkMessage(b"", tries=2))
    assert await BegunWork(bus.bus).deaths(WorkMessage(b"", tries=3).msg) == 2


async def test_work_that_was_taken_ahead_and_not_begun_is_no_suspect() -> None:
    assert await BegunWork(Noting().bus).deaths(WorkMessage(b"", tries=2).msg) == 0


@pytest.mark.parametrize("failure", [None, RuntimeError("it failed")], ids=["done", "failed"])
async def test_who_comes_back_from_it_has_not_died(failure: Exception | None) -> None:
    bus = Noting()
    begun, message = BegunWork(bus.bus), WorkMessage(b"", tries=2)
    try:
        async with begun.trying(message.msg, 1):
            assert bus.js.notes[NOTE] == b"2"
            if failure:
                raise failure
    except RuntimeError:
        pass
    assert await begun.deaths(message.msg) == 0


async def test_deaths_of_earlier_work_on_the_same_count_once_it_comes_again() -> None:
    bus = Noting()
    begun = BegunWork(bus.bus, lambda _: "earlier")
    bus.js.notes["earlier"] = b"1"
    assert await begun.deaths(WorkMessage(b"").msg) == 0  # that work may be in hand
    await die(begun, WorkMessage(b""))
    assert await begun.deaths(WorkMessage(b"", tries=2).msg) == 2
    bus.js.notes["earlier"] = b"0"
    assert await begun.deaths(WorkMessage(b"", tries=2).msg) == 1


async def test_a_note_stays_when_an_engine_was_lost() -> None:
    bus = Noting()
    begun = BegunWork(bus.bus)
    with pytest.raises(EngineLost):
        async with begun.noting("note"):
            raise EngineLost(FaultCode.ENGINE_FAILED, "no")
    assert await begun.noted("note") == 1
    async with begun.noting("note"):
        pass
    assert await begun.noted("note") == 0


async def test_a_bus_that_does_not_say_accuses_nobody() -> None:
    bus = Noting()
    bus.js.notes[NOTE] = b"1"
    bus.js.failures = [ConnectionClosedError()]
    assert await BegunWork(bus.bus).deaths(WorkMessage(b"", tries=2).msg) == 0


async def test_a_suspect_is_tried_when_nothing_else_is_in_hand_and_nothing_begins_beside_it() -> None:
    begun, order = BegunWork(Noting().bus), []
    finish = {name: asyncio.Event() for name in ("first", "suspect", "later")}

    async def work(name: str, deaths: int) -> None:
        async with begun.trying(WorkMessage(b"").msg, deaths):
            order.append(name)
            await finish[name].wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(work("first", 0))
        await until(lambda: order == ["first"])
        group.create_task(work("suspect", 1))
        group.create_task(work("later", 0))
        for _ in range(20):
            await asyncio.sleep(0)
        assert order == ["first"]
        finish["first"].set()
        await until(lambda: len(order) > 1)
        for _ in range(20):
            await asyncio.sleep(0)
        assert order == ["first", "suspect"]
        finish["suspect"].set()
        await until(lambda: order == ["first", "suspect", "later"])
        finish["later"].set()


async def test_suspects_are_tried_one_after_another() -> None:
    begun = BegunWork(Noting().bus)
    running, most = 0, 0

    async def suspect() -> None:
        nonlocal running, most
        async with begun.trying(WorkMessage(b"").msg, 1):
            running, most = running + 1, max(most, running + 1)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(suspect() for _ in range(5)))
    assert most == 1


async def test_long_work_and_suspects_wait_for_each_other_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(begun_work, "OTHERS_S", 0.001)
    begun, order = BegunWork(Noting().bus), []
    async with begun.trying(WorkMessage(b"").msg, 0), begun.trying(WorkMessage(b"").msg, 1):
        order.append("a suspect beside long work")
        async with begun.trying(WorkMessage(b"").msg, 0):
            order.append("work beside a long suspect")
    assert len(order) == 2
