"""Audio is gathered for longer the more of a core the edge uses."""

import asyncio
import time

import pytest

from dragoman_edge.media.batching import LOOK_S, PAUSE_S, AdaptiveBatching


@pytest.mark.parametrize(
    ("share", "ms", "pause_s"),
    [(0.0, 40, 0.0), (0.08, 40, 0.0), (0.12, 70, PAUSE_S / 2), (0.16, 100, PAUSE_S), (5.0, 100, PAUSE_S)],
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
    wall, used = iter((10.0, 12.0, 13.0)), iter((1.0, 1.24, 1.4))  # 12 %, then 16 %
    seen: list[int] = []
    made = AdaptiveBatching(100)

    async def sleep(seconds: float) -> None:
        assert seconds == LOOK_S
        seen.append(made.ms)
        if len(seen) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: next(wall))
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    with pytest.raises(asyncio.CancelledError):
        await made.run()
    assert seen == [40, 70, 100]
