"""Several generator processes as one: start them, wait, add their figures up."""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from dragoman_cli.load.admission import READY_WAIT_S
from dragoman_cli.load.delays import Delays
from dragoman_cli.load.plan import Plan, as_json
from dragoman_cli.load.usage import Usage, used

SLACK_S = 60.0
OPEN_SLACK_S = 2.0


class LoadError(Exception):
    """A generator process failed; the message is for people."""


class Listener(Protocol):
    """Whoever measures delays at another place."""

    async def take(self) -> Delays:
        """Return the delays measured since the last call."""


@dataclass
class Outcome:
    """Measurements of a window: results of all speakers, resources of the watched processes."""

    plan: Plan
    sessions: int = 0
    frames: int = 0
    took_s: float = 0.0
    generator_cpu_s: float = 0.0
    generator_waited_s: float = 0.0
    failed: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    delays: Delays = field(default_factory=Delays)
    cpu_s: dict[str, float] = field(default_factory=dict)
    waited_s: dict[str, float] = field(default_factory=dict)  # for a processor
    memory: dict[str, Usage] = field(default_factory=dict)  # at the end of the window

    @property
    def kept_up(self) -> bool:
        """Whether the generator sent its frames when it meant to: else the figures are of the generator."""
        late = self.delays.at("sent late", 99)
        return late is not None and late < 0.05

    def cpu_per_frame_us(self, name: str) -> float:
        """CPU time of a watched process for each frame of a speaker."""
        return self.cpu_s[name] / max(1, self.frames) * 1e6

    def cpu_share(self, name: str) -> float:
        """Return the share of a core that a process used for each session."""
        return self.cpu_s[name] / max(1e-9, self.took_s) / max(1, self.sessions)

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "dialect": self.plan.dialect,
            "wanted": self.plan.sessions,
            "sessions": self.sessions,
            "frames": self.frames,
            "frame_ms": self.plan.frame_ms,
            "seconds": round(self.took_s, 2),
            "generator_cpu_s": round(self.generator_cpu_s, 2),
            "kept_up": self.kept_up,
            "failed": dict(self.failed),
            "results": dict(self.results),
            "delays_s": self.delays.summary(),
            "cpu_s": {name: round(value, 3) for name, value in self.cpu_s.items()},
            "waited_s": {name: round(value, 3) for name, value in self.waited_s.items()},
            "own_bytes": {name: usage.own_bytes for name, usage in self.memory.items()},
            "peak_bytes": {name: usage.peak_bytes for name, usage in self.memory.items()},
        }


async def load(
    plan: Plan,
    processes: int = 1,
    watch: dict[str, list[int]] | None = None,
    listener: Listener | None = None,
) -> Outcome:
    """Run the plan in `processes` processes, each with its share of the sessions.

    What `listener` has measured elsewhere in the window is added to the delays.

    Raises:
        LoadError: a process failed or did not end in time.
    """
    shares = _shares(plan, processes)
    opening = max(share.sessions / share.opens_per_s for share in shares)
    begin_at = time.time() + opening + OPEN_SLACK_S + plan.warm_s
    tasks = [asyncio.create_task(_process(replace(share, begin_at=begin_at))) for share in shares]
    outcome = Outcome(plan)
    try:
        await asyncio.sleep(max(0.0, begin_at - time.time()))
        if listener:
            await listener.take()
        await _window(outcome, plan.seconds, watch or {})
        if listener:
            outcome.delays.add((await listener.take()).encoded())
        for figures in await asyncio.gather(*tasks):
            _add(outcome, figures)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return outcome


def _shares(plan: Plan, processes: int) -> list[Plan]:
    processes = max(1, min(processes, plan.sessions))
    counts = [len(range(n, plan.sessions, processes)) for n in range(processes)]
    return [replace(plan, sessions=count, opens_per_s=plan.opens_per_s / processes) for count in counts]


async def _window(outcome: Outcome, seconds: float, watch: dict[str, list[int]]) -> None:
    """The measured window: what the processes use in it."""
    before, started = used(watch), time.monotonic()
    await asyncio.sleep(seconds)
    outcome.took_s = time.monotonic() - started
    outcome.memory = used(watch)
    for name, usage in outcome.memory.items():
        outcome.cpu_s[name] = usage.cpu_s - before[name].cpu_s
        outcome.waited_s[name] = usage.waited_s - before[name].waited_s


def _add(outcome: Outcome, figures: dict[str, Any]) -> None:
    outcome.sessions += figures["sessions"]
    outcome.frames += figures["frames"]
    outcome.generator_cpu_s += figures["cpu_s"]
    outcome.generator_waited_s += figures["waited_s"]
    outcome.failed.update(figures["failed"])
    outcome.results.update(figures["results"])
    outcome.delays.add(figures["delays"])


async def _process(plan: Plan) -> dict[str, Any]:
    command = [sys.executable, "-m", "dragoman_cli.load.generator"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    patience = plan.sessions / plan.opens_per_s + READY_WAIT_S + plan.warm_s + plan.seconds + SLACK_S
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate(as_json(plan).encode())
    except TimeoutError:
        raise LoadError("a generator process did not end in time") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise LoadError(f"a generator process failed: {err.decode(errors='replace')[-500:]}")
    figures: dict[str, Any] = json.loads(out)
    return figures
