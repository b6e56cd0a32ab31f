"""The worker's own rules, without a bus."""

import asyncio
from types import SimpleNamespace
from typing import Any

from dragoman_stt.worker import HEARTBEAT_TURNS, SttWorker


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
            await made._heartbeat(turn)
            sizes.append(len(bus.events) - before)
        return sizes

    sizes = asyncio.run(round_of_heartbeats())
    assert sorted(bus.events) == list(range(200))  # type: ignore[type-var]
    assert max(sizes) < 100
