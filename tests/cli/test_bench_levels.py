"""`dragoman bench` in this process: what is measured, shown and written."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman_cli import bench, rest
from dragoman_cli.audio import write_wav
from dragoman_cli.bench import BenchError
from dragoman_cli.load import load as generators
from dragoman_cli.load.load import LoadError, Outcome
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.usage import Usage
from dragoman_cli.main import app
from tests.cli.fake_accounts import Invoke, invoking


class Loads:
    """Every level that was measured."""

    def __init__(self) -> None:
        self.plans: list[tuple[Plan, int, dict[str, list[int]]]] = []
        self.failure: Exception | None = None

    async def load(self, plan: Plan, processes: int, watch: dict[str, list[int]]) -> Outcome:
        if self.failure:
            raise self.failure
        assert Path(plan.audio).stat().st_size > 32_000  # noqa: ASYNC240  with the pause at its end
        self.plans.append((plan, processes, watch))
        outcome = Outcome(replace(plan), sessions=plan.sessions, frames=100, took_s=2.0)
        outcome.delays.record("final", 0.25)
        outcome.delays.record("sent late", 0.5)
        outcome.results["final"] = 3
        outcome.failed["open [red]"] = 1
        outcome.cpu_s, outcome.memory = {"edge": 1.0}, {"edge": Usage(1.0, 5_000_000, 6)}
        return outcome


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    made = Loads()
    monkeypatch.setattr(generators, "load", made.load)
    state = {"edge": "http://edge:1", "key": "k", "pids": {"edge": [7]}}
    monkeypatch.setattr(rest, "running_mesh", lambda: state)
    for name in ("DRAGOMAN_URL", "DRAGOMAN_KEY"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def invoke(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return invoking(app, monkeypatch)


@pytest.fixture
def wav(tmp_path: Path) -> str:
    write_wav(tmp_path / "speech.wav", b"\1\0" * 16_000)
    return str(tmp_path / "speech.wav")


def test_every_level_is_measured_shown_and_written(
    invoke: Invoke, loads: Loads, wav: str, tmp_path: Path
) -> None:
    told = invoke(
        "bench", "--sessions", "1,5", "--wav", wav, "--processes", "2", "--json", str(tmp_path / "out.json")
    )
    assert told.exit_code == 0, told.exception
    assert [(plan.sessions, count, watch) for plan, count, watch in loads.plans] == [
        (1, 2, {"edge": [7]}), (5, 2, {"edge": [7]})
    ]  # fmt: skip
    assert "5 of 5 sessions" in told.stdout and "250 ms" in told.stdout and "3 × final" in told.stdout
    assert "1 × open [red]" in told.stdout and "the load generator was late" in told.stdout
    assert "0.50 cores" in told.stdout
    written: Any = json.loads((tmp_path / "out.json").read_text())
    assert [level["wanted"] for level in written["levels"]] == [1, 5] and written["machine"]["processor"]


def test_processes_of_another_machine_are_not_watched(invoke: Invoke, loads: Loads, wav: str) -> None:
    invoke("bench", "--sessions", "1", "--wav", wav, "--url", "http://far:1", "--key", "k")
    assert loads.plans[0][2] == {}


@pytest.mark.parametrize("sessions", ["", "x", "0", "1,-2"])
def test_levels_that_make_no_sense_are_refused(invoke: Invoke, loads: Loads, wav: str, sessions: str) -> None:
    assert invoke("bench", "--sessions", sessions, "--wav", wav).exit_code == 2 and loads.plans == []


def test_without_a_mesh_or_the_packages_it_says_so(
    invoke: Invoke, loads: Loads, wav: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads.failure = LoadError("a generator process failed")
    assert "a generator process failed" in str(invoke("bench", "--wav", wav).exception)
    monkeypatch.setattr(rest, "running_mesh", dict)
    assert "no mesh runs here" in str(invoke("bench", "--wav", wav).exception)
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    failure = invoke("bench", "--wav", wav).exception
    assert isinstance(failure, BenchError) and "dragoman[bench]" in str(failure)
    with pytest.raises(BenchError, match="give --wav"):
        bench._speech(Path(wav).parent, None)
