"""How late the event loop is."""

import asyncio
import time

import pytest
from prometheus_client import REGISTRY

from dragoman_kit import loop_watch
from dragoman_kit.tasks import end


def late(bound: str, metric: str = "dragoman_loop_lag_seconds") -> float:
    """Looks that found the loop at most `bound` seconds late."""
    return REGISTRY.get_sample_value(f"{metric}_bucket", {"le": bound}) or 0.0


async def test_a_loop_that_only_waited_for_the_machine_did_not_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop_watch, "EVERY_S", 0.001)
    work = "dragoman_loop_lag_work_seconds"
    watch = asyncio.create_task(loop_watch.watch_loop())
    await asyncio.sleep(0)
    before = late("+Inf", work) - late("0.02", work)
    time.sleep(0.04)  # noqa: ASYNC251
    await asyncio.sleep(0.003)
    assert late("+Inf", work) - late("0.02", work) == before
    until = time.thread_time() + 0.04
    while time.thread_time() < until:
        pass
    await asyncio.sleep(0.003)
    await end(watch)
    assert late("+Inf", work) - late("0.02", work) > before


async def test_a_blocked_loop_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_watch, "EVERY_S", 0.001)
    watch = asyncio.create_task(loop_watch.watch_loop())
    await asyncio.sleep(0)
    counted = {bound: late(bound) for bound in ("0.02", "+Inf")}
    time.sleep(0.04)  # noqa: ASYNC251  the fault
    await asyncio.sleep(0.003)
    await end(watch)
    beyond = (late("+Inf") - counted["+Inf"]) - (late("0.02") - counted["0.02"])
    assert beyond >= 1


async def test_a_loop_that_comes_back_sets_its_guard_anew_and_takes_it_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr("faulthandler.dump_traceback_later", lambda *_, **__: done.append("set"))
    monkeypatch.setattr("faulthandler.cancel_dump_traceback_later", lambda: done.append("away"))
    monkeypatch.setattr(loop_watch, "EVERY_S", 0.001)
    watch = asyncio.create_task(loop_watch.watch_loop(0.002))
    while done.count("set") < 3:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await end(watch)
    assert done[-1] == "away"
