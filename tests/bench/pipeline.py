"""Sessions per core, every process counted: the mesh against a Pipecat pipeline, the same generator for both.

python -m tests.bench.pipeline [--json FILE]

Stages that cost nothing on both sides: Pipecat passes each frame through three of them and sends it back; the
mesh has engines that do nothing, without interims. As much speech comes out as goes in, on both sides. The
load rises until a system cannot carry it; its cost is that at its own limit.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from dragoman_cli.load.load import Outcome, load
from dragoman_cli.load.plan import Plan
from tests.bench import meshes
from tests.bench.edge import speech
from tests.bench.figures import Findings
from tests.bench.peers.serving import serving
from tests.bench.peers.venvs import PIPECAT, PeerError, python_of

BOUND_MS = 100.0
FRAMES_PER_S = 50
SERVER = Path(__file__).parent / "peers" / "servers" / "pipecat_echo.py"
CPU, MS, SESSIONS = "µs of CPU a frame", "ms", "sessions"
STEP = 1.2  # from one load to the next, until the limit of the system itself
FIRST, OURS_FIRST, TRIES = 40, 160, 12
Run = Callable[[int], Awaitable[Outcome]]


async def climb(first: int, run: Run, within: Callable[[Outcome], bool]) -> tuple[int, Outcome | None]:
    """Raise the load until it is not carried any more; the highest that was, and what it cost.

    A step that failed is tried once again: the machine may have been busy for a moment.
    """
    sessions, best, carried = first, None, 0
    for _ in range(TRIES):
        outcome = await run(sessions)
        if not within(outcome) and not within(outcome := await run(sessions)):
            break
        carried, best = sessions, outcome
        sessions = round(sessions * STEP)
    return carried, best


async def pipecat(found: Findings, url: str, pid: int, audio: str, seconds: float) -> float:
    """CPU of a frame with as many sessions as it carries."""

    async def run(sessions: int) -> Outcome:
        plan = Plan(url, "", audio, "relay", sessions, seconds=seconds, stamped=True)
        outcome = await load(plan, 1, {"pipecat": [pid]})
        found.add(f"Pipecat, {sessions} sessions: p99 of a frame", MS, _p99(outcome, "round trip"))
        found.add(f"Pipecat, {sessions} sessions: all processes", CPU, outcome.cpu_per_frame_us("pipecat"))
        busy = 100 * outcome.cpu_s["pipecat"] / outcome.took_s
        found.add(f"Pipecat, {sessions} sessions: busy", "% of a core", busy)
        return outcome

    carried, best = await climb(FIRST, run, lambda outcome: _carried(outcome, "round trip"))
    found.add(f"Pipecat: sessions with p99 within {BOUND_MS:.0f} ms", SESSIONS, carried)
    return best.cpu_per_frame_us("pipecat") if best else 0.0


async def mesh(found: Findings, target: meshes.Target, audio: str, seconds: float) -> float:
    """The same of the mesh, all its processes together."""

    async def run(sessions: int) -> Outcome:
        wishes = {"interim": False}
        plan = Plan(target.url, target.key, audio, sessions=sessions, seconds=seconds, wishes=wishes)
        outcome = await load(plan, 1, target.pids)
        found.add(f"mesh, {sessions} sessions: all processes", CPU, _whole(outcome))
        for process in ("edge", "nats-server", "stt", "translation", "tts"):
            found.add(f"mesh, {sessions} sessions: {process}", CPU, outcome.cpu_per_frame_us(process))
        found.add(f"mesh, {sessions} sessions: first audio after final p99", MS, _p99(outcome, AFTER))
        return outcome

    carried, best = await climb(OURS_FIRST, run, lambda outcome: _carried(outcome, AFTER))
    found.add(f"mesh: sessions with p99 within {BOUND_MS:.0f} ms", SESSIONS, carried)
    return _whole(best) if best else 0.0


def _whole(outcome: Outcome) -> float:
    return sum(outcome.cpu_per_frame_us(process) for process in outcome.cpu_s)


def _carried(outcome: Outcome, delay: str) -> bool:
    p99 = _p99(outcome, delay)
    whole = outcome.sessions == outcome.plan.sessions and not outcome.failed
    return whole and outcome.kept_up and p99 is not None and p99 <= BOUND_MS


AFTER = "first audio after final"


def _p99(outcome: Outcome, name: str) -> float | None:
    seconds = outcome.delays.at(name, 99)
    return None if seconds is None else 1000 * seconds


def measure(found: Findings, rounds: int, seconds: float) -> None:
    """They take turns."""
    with tempfile.TemporaryDirectory() as name, meshes.mesh(None, **meshes.PASSING) as made:
        audio = speech(Path(name), words=16)
        for number in range(rounds):
            print(f"pipeline: round {number + 1} of {rounds}", flush=True)
            ours = asyncio.run(mesh(found, meshes.target(made), audio, seconds))
            with serving(python_of(PIPECAT), str(SERVER), "{port}") as server:
                url = f"http://127.0.0.1:{server.port}/"
                theirs = asyncio.run(pipecat(found, url, server.pid, audio, seconds))
            for told, cost in (("mesh", ours), ("Pipecat", theirs)):
                found.add(
                    f"{told}: sessions per core", SESSIONS, 1e6 / (cost * FRAMES_PER_S) if cost else None
                )
            if ours and theirs:
                found.add("sessions per core: mesh / Pipecat", "ratio", theirs / ours)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    try:
        measure(found, options.rounds, options.seconds)
    except PeerError as exc:
        found.failed(f"Pipecat: {exc}")
    found.finish(options.json)


if __name__ == "__main__":
    main()
