"""Sessions per core, every process counted: the mesh against a Pipecat pipeline, the same generator for both.

python -m tests.bench.pipeline [--json FILE]

Stages that cost nothing on both sides: Pipecat passes each frame through three of them and sends it back; the
mesh has engines that do nothing, without interims. As much speech comes out as goes in, on both sides.
"""

import argparse
import asyncio
import tempfile
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
TRIED = (40, 50, 60, 70)
OURS = (160, 240, 280)


async def pipecat(found: Findings, url: str, pid: int, audio: str, seconds: float) -> float:
    """CPU of a frame with as many sessions as it carries."""
    cost, carried = 0.0, 0
    for sessions in TRIED:
        plan = Plan(url, "", audio, "relay", sessions, seconds=seconds, stamped=True)
        outcome = await load(plan, 1, {"pipecat": [pid]})
        p99 = _p99(outcome, "round trip")
        found.add(f"Pipecat, {sessions} sessions: p99 of a frame", MS, p99)
        found.add(f"Pipecat, {sessions} sessions: all processes", CPU, outcome.cpu_per_frame_us("pipecat"))
        if p99 is None or p99 > BOUND_MS or not outcome.kept_up:
            break
        cost, carried = outcome.cpu_per_frame_us("pipecat"), sessions
    found.add(f"Pipecat: sessions with p99 within {BOUND_MS:.0f} ms", SESSIONS, carried)
    return cost


async def mesh(found: Findings, target: meshes.Target, audio: str, seconds: float) -> float:
    """The same of the mesh, all its processes together."""
    cost = 0.0
    for sessions in OURS:
        plan = Plan(
            target.url, target.key, audio, sessions=sessions, seconds=seconds, wishes={"interim": False}
        )
        outcome = await load(plan, 1, target.pids)
        whole = sum(outcome.cpu_per_frame_us(process) for process in outcome.cpu_s)
        found.add(f"mesh, {sessions} sessions: all processes", CPU, whole)
        for process in ("edge", "nats-server", "stt", "translation", "tts"):
            found.add(f"mesh, {sessions} sessions: {process}", CPU, outcome.cpu_per_frame_us(process))
        found.add(f"mesh, {sessions} sessions: first audio after final p99", MS, _p99(outcome, AFTER))
        if not outcome.kept_up or (_p99(outcome, AFTER) or 0) > BOUND_MS:
            break
        cost = whole
    return cost


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
        print(f"Pipecat was not measured: {exc}")
    found.show()
    found.write(options.json)


if __name__ == "__main__":
    main()
