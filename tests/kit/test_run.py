"""The life of a process: told once it stops in peace, told twice it ends."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from dragoman_kit.run import COLLECT_AFTER, run
from dragoman_kit.settings import CommonSettings


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Logs, traces and the collector of the test run stay as they are."""
    for name in ("gc.freeze", "gc.set_threshold"):
        monkeypatch.setattr(name, lambda *_: None)
    set_up: list[str] = []
    monkeypatch.setattr("dragoman_kit.run.logging.setup", lambda *of: set_up.append(of[0]))
    monkeypatch.setattr("dragoman_kit.run.telemetry.setup", lambda *of: set_up.append(of[0]))
    return set_up


def tell(number: int, times: int = 1) -> Callable[[], None]:
    def send() -> None:
        for _ in range(times):
            os.kill(os.getpid(), number)

    return send


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_service_finish(number: int, silent: list[str]) -> None:
    steps: list[str] = []

    async def body(stop: asyncio.Event) -> None:
        asyncio.get_running_loop().call_soon(tell(number))
        await stop.wait()
        steps.append("drained")

    run("tts", CommonSettings(), body)
    assert steps == ["drained"] and silent == ["tts", "tts"]


def test_the_loop_is_watched_while_the_service_runs() -> None:
    async def body(stop: asyncio.Event) -> None:
        assert "loop watch" in {task.get_name() for task in asyncio.all_tasks()}

    run("tts", CommonSettings(), body)


def test_the_collector_passes_over_what_was_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[object] = []
    monkeypatch.setattr("gc.freeze", lambda: steps.append("frozen"))
    monkeypatch.setattr("gc.set_threshold", lambda *after: steps.append(after[0]))

    async def body(stop: asyncio.Event) -> None:
        steps.append("begun")

    run("tts", CommonSettings(), body)
    assert steps == ["frozen", COLLECT_AFTER[0], "begun"]


def test_a_second_signal_ends_it_at_once() -> None:
    async def body(stop: asyncio.Event) -> None:
        asyncio.get_running_loop().call_soon(tell(signal.SIGTERM))
        await stop.wait()
        asyncio.get_running_loop().call_soon(tell(signal.SIGTERM))
        await asyncio.sleep(60)

    with pytest.raises(asyncio.CancelledError):
        run("tts", CommonSettings(), body)
