"""The worker's own rules, without a bus."""

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any

from dragoman_stt.worker import HEARTBEAT_S, HEARTBEAT_TURNS, TURN_S, SttWorker, turns_due


class Bus:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.events: list[object] = []

    async def publish_event(self, event: object) -> None:
        self.events.append(event)


def worker(bus: Any, tracks: int) -> Any:
    made: Any = object.__new__(SttWorker)
    made._bus, made._draining = bus, False
    made._tracks = {
        (f"s_{number}", 0): (SimpleNamespace(heartbeat=lambda draining, n=number: n), None)
        for number in range(tracks)
    }
    return made


def test_in_a_round_every_track_heartbeats_once_and_never_all_at_a_time() -> None:
    bus = Bus()
    made = worker(bus, tracks=200)

    async def round_of_heartbeats() -> list[int]:
        sizes = []
        for turn in range(HEARTBEAT_TURNS):
            before = len(bus.events)
            await made._heartbeat({turn})
            sizes.append(len(bus.events) - before)
        return sizes

    sizes = asyncio.run(round_of_heartbeats())
    assert sorted(bus.events) == list(range(200))  # type: ignore[type-var]
    assert max(sizes) < 100


def test_a_loop_in_time_has_one_turn_after_the_other() -> None:
    moments = [100.005 + number * TURN_S for number in range(2 * HEARTBEAT_TURNS + 1)]
    turns = [turns_due(before, now) for before, now in itertools.pairwise(moments)]
    assert all(len(due) == 1 for due in turns)
    assert set().union(*turns[:HEARTBEAT_TURNS]) == set(range(HEARTBEAT_TURNS))


def test_a_loop_that_is_late_makes_good_what_it_missed() -> None:
    assert len(turns_due(100.005, 100.005 + 5 * TURN_S)) == 5
    assert turns_due(100.0, 100.0 + 3 * HEARTBEAT_S) == set(range(HEARTBEAT_TURNS))
    assert turns_due(100.005, 100.006) == set()
