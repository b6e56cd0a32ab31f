"""What makes a service start again, and how its child is ended; no process is started."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman_kit import reload


class Child:
    """A service that ends when it is told, or only when it is killed."""

    def __init__(self, stubborn: bool = False) -> None:
        self.stubborn = stubborn
        self.ended: list[str] = []

    def terminate(self) -> None:
        self.ended.append("term")

    def kill(self) -> None:
        self.ended.append("kill")

    def wait(self, timeout: float) -> int:
        if self.stubborn and self.ended == ["term"]:
            raise subprocess.TimeoutExpired("service", timeout)
        return 0


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """Every child that was started."""
    made: list[Child] = []

    def popen(command: list[str], env: dict[str, str]) -> Child:
        assert command == [sys.executable, "-m", "dragoman_toy"] and env["PYTHONPATH"]
        made.append(Child())
        return made[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    return made


def after(turns: int, act: Callable[[], Any], runner: reload.Runner) -> Callable[[float], None]:
    """A `time.sleep` that acts at the first turn, and stops the watch after some."""
    seen = [0]

    def sleep(seconds: float) -> None:
        seen[0] += 1
        if seen[0] == 1:
            act()
        runner.stopping = seen[0] >= turns

    return sleep


@pytest.mark.parametrize(("changes", "starts"), [(True, 2), (False, 1)])
def test_a_change_of_a_python_file_starts_the_service_again(
    changes: bool, starts: int, tmp_path: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, data = tmp_path / "a.py", tmp_path / "a.txt"
    code.write_text("1")
    data.write_text("1")
    runner = reload.Runner(tmp_path, "dragoman_toy")
    act = lambda: os.utime(code if changes else data, (1, 1))  # noqa: E731
    monkeypatch.setattr("dragoman_kit.reload.time.sleep", after(3, act, runner))
    runner.watch()
    assert len(children) == starts and all(child.ended == ["term"] for child in children)


def test_a_child_that_does_not_end_is_killed(tmp_path: Path, children: list[Child]) -> None:
    runner = reload.Runner(tmp_path, "dragoman_toy")
    runner.stop()  # there is none yet
    runner.start()
    children[0].stubborn = True
    runner.stop()
    assert children[0].ended == ["term", "kill"]


def test_the_packages_beside_it_are_copied(tmp_path: Path) -> None:
    reload.copy(tmp_path, "dragoman_kit")
    assert (tmp_path / "dragoman_kit" / "reload.py").exists()
    with pytest.raises(SystemExit, match="no package"):
        reload.copy(tmp_path, "dragoman_nothing")


def test_a_signal_stops_the_watch(
    tmp_path: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: dict[int, Callable[..., None]] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(sys, "argv", ["reload", str(tmp_path), "dragoman_toy"])
    monkeypatch.setattr(reload, "copy", lambda folder, package: None)
    monkeypatch.setattr("dragoman_kit.reload.time.sleep", lambda seconds: handlers[signal.SIGTERM]())
    reload.main()
    assert set(handlers) == {signal.SIGTERM, signal.SIGINT} and children[0].ended == ["term"]
