"""Several generator processes as one: shares, sums, and processes that fail."""

import asyncio
import json
from typing import Any

import pytest

from dragoman_cli.load import load as module
from dragoman_cli.load.delays import Delays
from dragoman_cli.load.load import LoadError, Outcome
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.usage import Usage


def test_a_generator_that_was_late_says_so() -> None:
    outcome = Outcome(Plan("", "", ""))
    assert not outcome.kept_up  # it sent nothing
    outcome.delays.record("sent late", 0.002)
    assert outcome.kept_up
    for _ in range(10):
        outcome.delays.record("sent late", 0.3)
    assert not outcome.kept_up


class Generator:
    """A generator process that answers, fails or hangs."""

    def __init__(self, mood: str) -> None:
        self.mood = mood
        self.returncode: int | None = None
        self.plan: dict[str, Any] = {}
        self.killed = False

    async def communicate(self, sent: bytes) -> tuple[bytes, bytes]:
        self.plan = json.loads(sent)
        if self.mood == "hangs":
            await asyncio.sleep(60)
        self.returncode = int(self.mood == "fails")
        figures = {
            "sessions": self.plan["sessions"], "frames": 10, "cpu_s": 0.5, "waited_s": 0.25,
            "failed": {"x": 1}, "results": {"final": 2}, "delays": {},
        }  # fmt: skip
        return json.dumps(figures).encode(), b"a traceback"

    def kill(self) -> None:
        self.killed = True

    async def wait(self) -> int:
        return -9


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Generator]:
    made: list[Generator] = []

    async def start(*command: str, **_: Any) -> Generator:
        made.append(Generator(moods[len(made)] if len(made) < len(moods) else "answers"))
        return made[-1]

    moods.clear()
    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    monkeypatch.setattr(module, "OPEN_SLACK_S", 0.0)
    monkeypatch.setattr(
        module,
        "used",
        lambda watch: {name: Usage(float(len(pids)), 5, 7, 1.0) for name, pids in watch.items()},
    )
    return made


moods: list[str] = []
PLAN = Plan("http://e", "k", "/a", sessions=5, seconds=0.0, warm_s=0.0, opens_per_s=1000.0)


async def test_the_figures_of_all_processes_are_one_outcome(processes: list[Generator]) -> None:
    class Elsewhere:
        async def take(self) -> Delays:
            delays = Delays()
            delays.record("seen elsewhere", 0.1)
            return delays

    outcome = await module.load(PLAN, 2, {"edge": [1, 2]}, Elsewhere())
    assert [process.plan["sessions"] for process in processes] == [3, 2]
    assert {process.plan["opens_per_s"] for process in processes} == {500.0}
    assert (outcome.sessions, outcome.frames, outcome.failed["x"], outcome.results["final"]) == (5, 20, 2, 4)
    assert (outcome.generator_waited_s, outcome.waited_s) == (0.5, {"edge": 0.0})
    assert outcome.delays.count("seen elsewhere") == 1
    assert outcome.as_json()["own_bytes"] == {"edge": 5} and outcome.cpu_per_frame_us("edge") == 0.0
    assert outcome.cpu_share("edge") == 0.0


@pytest.mark.parametrize(("mood", "told"), [("fails", "a traceback"), ("hangs", "did not end in time")])
async def test_a_process_that_fails_or_hangs_is_told_and_none_is_left(
    processes: list[Generator], monkeypatch: pytest.MonkeyPatch, mood: str, told: str
) -> None:
    moods.append(mood)
    monkeypatch.setattr(module, "SLACK_S", 0.01)
    monkeypatch.setattr(module, "READY_WAIT_S", 0.0)
    with pytest.raises(LoadError, match=told):
        await module.load(PLAN, 1)
    assert processes[0].killed == (mood == "hangs")


def test_no_process_is_without_a_session() -> None:
    assert [share.sessions for share in module._shares(PLAN, 9)] == [1] * 5
