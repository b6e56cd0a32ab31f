"""Whose decode is next, and what becomes of one that fails."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_stt.engines.base import Audio, DecodeOptions, Hypothesis
from dragoman_stt.scheduler import REMEMBERED_S, Scheduler, Seat
from tests.support.waiting import WAIT_S, until

AUDIO = np.zeros(1600, np.float32)


class Gated:
    """A recogniser whose decodes wait until they are let through; it notes their order and how many run."""

    name = "gated"

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.order: list[str] = []
        self.running = self.most = 0
        self._lock = threading.Lock()

    def languages(self) -> list[str]:
        """None."""
        return []

    def warm(self) -> None:
        """Nothing to load."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Wait; the context says how to end."""
        with self._lock:
            self.order.append(options.context)
            self.running += 1
            self.most = max(self.most, self.running)
        self.gate.acquire(timeout=WAIT_S)
        with self._lock:
            self.running -= 1
        if options.context in ERRORS:
            raise ERRORS[options.context]
        return Hypothesis(options.context, "en", 1.0)


ERRORS = {
    "runtime": RuntimeError("broken"),
    "value": ValueError("odd"),
    "mesh": MeshError(FaultCode.BUSY, "told so"),
}


@pytest.fixture
def engine() -> Iterator[Gated]:
    gated = Gated()
    yield gated
    gated.gate.release(100)


def begin(made: Scheduler, name: str, final: bool = True) -> "asyncio.Task[Hypothesis]":
    return asyncio.create_task(decode(made, Seat(lambda: final), DecodeOptions(context=name, final=final)))


async def decode(made: Scheduler, seat: Seat, options: DecodeOptions) -> Hypothesis:
    async with made.turn(seat) as turn:
        return await turn.decode(AUDIO, options)


async def settled() -> None:
    """Let the tasks come to their waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_finals_go_before_interims_and_each_kind_in_its_order(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    tasks = [begin(made, "first")]
    waiting = ("interim a", "final a", "interim b", "final b")
    tasks.extend(begin(made, name, final=name.startswith("final")) for name in waiting)
    await settled()
    engine.gate.release(5)
    await asyncio.wait_for(asyncio.gather(*tasks), WAIT_S)
    assert engine.order == ["first", "final a", "final b", "interim a", "interim b"]
    made.close()


async def test_no_more_decodes_run_than_there_are_workers(engine: Gated) -> None:
    made = Scheduler(engine, 2, WAIT_S)
    tasks = [begin(made, str(n)) for n in range(6)]
    await settled()
    engine.gate.release(6)
    await asyncio.wait_for(asyncio.gather(*tasks), WAIT_S)
    assert engine.most <= 2
    made.close()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("runtime", FaultCode.ENGINE_FAILED),
        ("value", FaultCode.ENGINE_FAILED),
        ("mesh", FaultCode.BUSY),
    ],
)
async def test_a_decode_that_raises_is_a_mesh_error_and_frees_its_place(
    engine: Gated, name: str, code: FaultCode
) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    engine.gate.release(2)
    with pytest.raises(MeshError) as caught:
        await begin(made, name)
    assert caught.value.code == code
    assert (await asyncio.wait_for(begin(made, "next"), WAIT_S)).text == "next"
    made.close()


async def test_a_track_that_was_served_waits_for_those_that_were_not(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    talker, other = Seat(lambda: False), Seat(lambda: False)
    engine.gate.release(1)
    await decode(made, talker, DecodeOptions(context="talker"))
    first = begin(made, "busy")
    again = asyncio.create_task(decode(made, talker, DecodeOptions(context="talker again")))
    await settled()
    new = asyncio.create_task(decode(made, other, DecodeOptions(context="other")))
    await settled()
    engine.gate.release(3)
    await asyncio.wait_for(asyncio.gather(first, again, new), WAIT_S)
    assert engine.order == ["talker", "busy", "other", "talker again"]
    made.close()


async def test_an_account_with_many_tracks_waits_for_itself(engine: Gated) -> None:
    made = Scheduler(engine, 2, WAIT_S)
    hostile = [
        asyncio.create_task(decode(made, Seat(lambda: True, "a"), DecodeOptions(context=f"a{n}")))
        for n in range(4)
    ]
    await settled()
    other = asyncio.create_task(decode(made, Seat(lambda: True, "b"), DecodeOptions(context="b")))
    await settled()
    engine.gate.release(5)
    await asyncio.wait_for(asyncio.gather(*hostile, other), WAIT_S)
    assert engine.order.index("b") <= 3 and engine.order.index("b") < engine.order.index("a3")
    made.close()


def of(made: Scheduler, owner: str, name: str) -> "asyncio.Task[Hypothesis]":
    return asyncio.create_task(decode(made, Seat(lambda: True, owner), DecodeOptions(context=name)))


async def test_an_account_leaves_a_thread_to_another_one_that_speaks(engine: Gated) -> None:
    made = Scheduler(engine, 2, WAIT_S)
    first = of(made, "b", "b1")
    engine.gate.release(1)
    await asyncio.wait_for(first, WAIT_S)
    hostile = [of(made, "a", f"a{n}") for n in range(3)]
    await until(lambda: engine.running == 1, "one decode of the account runs")
    await settled()
    assert engine.running == 1
    other = of(made, "b", "b2")
    await until(lambda: "b2" in engine.order, "the other account decodes at once")
    engine.gate.release(4)
    await asyncio.wait_for(asyncio.gather(*hostile, other), WAIT_S)
    made.close()


async def test_an_account_has_every_thread_once_nobody_else_has_spoken_for_a_while(
    engine: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_stt.scheduler.SPEAKING_S", 0.0)
    made = Scheduler(engine, 2, WAIT_S)
    engine.gate.release(1)
    await asyncio.wait_for(of(made, "b", "b1"), WAIT_S)
    tasks = [of(made, "a", f"a{n}") for n in range(3)]
    await until(lambda: engine.running == 2, "both threads decode")
    engine.gate.release(3)
    await asyncio.wait_for(asyncio.gather(*tasks), WAIT_S)
    made.close()


async def test_an_account_whose_decode_hangs_still_has_the_other_thread(engine: Gated) -> None:
    made = Scheduler(engine, 2, 0.05)
    first = of(made, "b", "b1")
    engine.gate.release(1)
    await asyncio.wait_for(first, WAIT_S)
    hanging = of(made, "a", "a1")
    await until(lambda: "a1" in engine.order, "the decode that hangs runs")
    waiting = of(made, "a", "a2")
    with pytest.raises(MeshError):
        await hanging
    await settled()
    assert not made._waiting, "it waits though a thread is free, since the other account has just spoken"
    engine.gate.release(2)
    await asyncio.wait({waiting}, timeout=WAIT_S)
    made.close()


async def test_several_accounts_share_all_threads(engine: Gated) -> None:
    made = Scheduler(engine, 2, WAIT_S)
    tasks = [of(made, owner, owner + str(n)) for n in range(2) for owner in "ab"]
    await until(lambda: engine.running == 2, "both threads decode")
    engine.gate.release(4)
    await asyncio.wait_for(asyncio.gather(*tasks), WAIT_S)
    assert engine.most == 2
    made.close()


async def test_a_decode_that_takes_too_long_is_a_timeout_and_its_thread_is_lost_until_it_ends(
    engine: Gated,
) -> None:
    made = Scheduler(engine, 1, 0.02)
    with pytest.raises(MeshError) as caught:
        await begin(made, "slow")
    assert caught.value.code == FaultCode.TIMEOUT
    assert made.stuck
    next_one = begin(made, "next")
    engine.gate.release(2)
    with contextlib.suppress(MeshError):  # its own time may be up too: the point is that it has its turn
        await asyncio.wait_for(next_one, WAIT_S)
    assert engine.order == ["slow", "next"]
    async with asyncio.timeout(WAIT_S), made.turn(Seat(lambda: True)):  # there is a thread again
        assert not made.stuck
    made.close()


async def test_a_decode_cancelled_while_it_waits_gives_its_turn_to_the_next(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    first, second, third = begin(made, "1"), begin(made, "2"), begin(made, "3")
    await settled()
    second.cancel()
    engine.gate.release(2)
    assert (await asyncio.wait_for(third, WAIT_S)).text == "3"
    assert (await first).text == "1"
    assert second.cancelled()
    assert engine.order == ["1", "3"]
    made.close()


async def test_the_lag_is_what_decodes_waited_lately(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    first, second = begin(made, "1"), begin(made, "2")
    await settled()
    before = made.lag_s(time.monotonic())  # the first did not wait, the second has no turn yet
    await asyncio.sleep(0.05)
    engine.gate.release(2)
    await asyncio.wait_for(asyncio.gather(first, second), WAIT_S)
    assert made.lag_s(time.monotonic()) > before
    assert made.lag_s(time.monotonic() + REMEMBERED_S) == 0
    made.close()


async def test_the_real_time_factor_follows_the_decodes(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    assert made.real_time_factor == 0
    engine.gate.release()
    await begin(made, "one")
    assert made.real_time_factor > 0
    made.close()


def imported(made: Scheduler, name: str) -> "asyncio.Task[Hypothesis]":
    seat = Seat(lambda: True, background=True)
    return asyncio.create_task(decode(made, seat, DecodeOptions(context=name)))


async def test_an_import_waits_for_all_live_speech_interims_too(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    tasks = [begin(made, "first")]
    await settled()
    tasks += [imported(made, "import"), begin(made, "interim", final=False), begin(made, "final")]
    await settled()
    engine.gate.release(4)
    await asyncio.wait_for(asyncio.gather(*tasks), WAIT_S)
    assert engine.order == ["first", "final", "interim", "import"]
    made.close()


async def test_imports_leave_a_thread_to_live_speech(engine: Gated) -> None:
    made = Scheduler(engine, 2, WAIT_S)
    imports = [imported(made, "import a"), imported(made, "import b")]
    await settled()
    live = begin(made, "live")  # a thread is free for it at once, whatever imports wait
    await until(lambda: "live" in engine.order, "the live decode runs")
    assert "import b" not in engine.order
    engine.gate.release(3)
    await asyncio.wait_for(asyncio.gather(*imports, live), WAIT_S)
    assert engine.order[-1] == "import b"
    made.close()


async def test_imports_are_no_load_that_refuses_live_tracks(engine: Gated) -> None:
    made = Scheduler(engine, 1, WAIT_S)
    blocking = imported(made, "first")
    await settled()
    waiting = imported(made, "second")
    await asyncio.sleep(0.02)
    engine.gate.release(2)
    await asyncio.wait_for(asyncio.gather(blocking, waiting), WAIT_S)
    assert made.final_seconds == 0.0
    assert made.lag_s(time.monotonic()) == 0.0
    made.close()
