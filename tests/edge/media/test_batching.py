"""Audio is gathered for longer the more of a core the edge uses."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from dragoman_edge.media import batching
from dragoman_edge.media.batching import PAUSE_S, AdaptiveBatching


@pytest.mark.parametrize(
    ("share", "ms", "pause_s"),
    [(0.0, 40, 0.0), (0.1, 40, 0.0), (0.15, 70, PAUSE_S / 2), (0.2, 100, PAUSE_S), (5.0, 100, PAUSE_S)],
)
def test_the_length_follows_the_load(share: float, ms: int, pause_s: float) -> None:
    made = AdaptiveBatching(100)
    made.follow(share)
    assert made.ms == ms and made.pause_s == pytest.approx(pause_s)


def test_an_edge_that_has_not_looked_yet_is_idle() -> None:
    assert (AdaptiveBatching(100).ms, AdaptiveBatching(100).pause_s) == (40, 0.0)


@pytest.mark.parametrize("longest", [0, 10, 40])
def test_no_length_is_above_the_longest(longest: int) -> None:
    made = AdaptiveBatching(longest)
    assert made.ms == longest
    for share in (0.0, 0.15, 1.0):
        made.follow(share)
        assert made.ms == longest


async def test_it_looks_at_its_own_share_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    wall, used = iter((10.0, 12.0, 13.0)), iter((1.0, 1.3, 1.3))  # 15 %, then nothing
    seen: list[int] = []
    made = AdaptiveBatching(100)

    async def sleep(seconds: float) -> None:
        if seen:
            raise asyncio.CancelledError
        seen.append(made.ms)

    def clock(values: Iterator[float]) -> float:
        return next(values)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock(wall))
    monkeypatch.setattr(time, "process_time", lambda: clock(used))
    with pytest.raises(asyncio.CancelledError):
        await made.run()
    assert (seen, made.ms) == ([40], 70)
    assert batching.LOOK_S == 1.0
