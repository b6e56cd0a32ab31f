"""How the cost grows: with sessions, target languages, viewers, replicas, with the length of a session.

python -m tests.bench.growth [--json FILE] [--only viewers]

Engines that do nothing, or next to nothing, and frames of 100 ms: what the mesh itself takes.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from dragoman_cli.load.load import Outcome, load
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.usage import used
from tests.bench import meshes
from tests.bench.edge import speech
from tests.bench.figures import Findings
from tests.bench.meshes import Target
from tests.bench.viewers import by_viewers

SESSIONS = (1, 10, 100, 250, 500)
TARGETS = ("es", "fr", "de", "hi", "it", "pt", "nl", "pl")
REPLICAS = (1, 2, 4)
SHARE, MS, MB = "% of a core a session", "ms", "MB"
FRAME_MS = 100
SPEED = 60.0  # audio of a session that lasts an hour, as a multiple of real time
HOUR_S = 60.0
LEAD_S = 3.0  # until the speakers speak


async def by_sessions(found: Findings, target: Target, audio: str, seconds: float) -> None:
    """One process of each service."""
    for sessions in SESSIONS:
        plan = Plan(target.url, target.key, audio, sessions=sessions, frame_ms=FRAME_MS, seconds=seconds)
        outcome = await load(plan, 1, target.pids)
        _tell(f"{sessions} sessions", outcome)
        found.add(f"{sessions} sessions: edge", SHARE, 100 * outcome.cpu_share("edge"))
        found.add(f"{sessions} sessions: all processes", SHARE, 100 * _whole(outcome))
        found.add(f"{sessions} sessions: final p50", MS, _ms(outcome, "final", 50))
        found.add(f"{sessions} sessions: final p99", MS, _ms(outcome, "final", 99))


async def by_targets(found: Findings, target: Target, audio: str, seconds: float) -> None:
    """One session speaks, more and more languages come out."""
    for count in (1, 2, 4, 8):
        wishes = {"source": "en", "targets": TARGETS[:count]}
        plan = Plan(
            target.url, target.key, audio, sessions=20, frame_ms=FRAME_MS, seconds=seconds, wishes=wishes
        )
        outcome = await load(plan, 1, target.pids)
        told = f"{count} target language{'s' if count > 1 else ''}"
        _tell(told, outcome)
        for process in ("edge", "stt", "translation", "tts", "nats-server"):
            found.add(f"{told}: {process}", SHARE, 100 * outcome.cpu_share(process))
        found.add(f"{told}: all processes", SHARE, 100 * _whole(outcome))
        found.add(f"{told}: first audio after final p99", MS, _ms(outcome, "first audio after final", 99))


async def by_replicas(found: Findings, audio: str, seconds: float) -> None:
    """The same work on one, two and four processes of each service."""
    for count in REPLICAS:
        services = ("edge", "stt", "translation", "tts", "accounts")
        with meshes.mesh(dict.fromkeys(services, count)) as made:
            target, edges = meshes.target(made), [str(edge) for edge in made.state()["edges"]]  # type: ignore[attr-defined]
            plans = [
                Plan(url, made.key, audio, sessions=48 // count, frame_ms=FRAME_MS, seconds=seconds)
                for url in edges
            ]
            first, *others = await asyncio.gather(
                load(plans[0], 1, target.pids), *(load(plan) for plan in plans[1:])
            )
        sessions = first.sessions + sum(other.sessions for other in others)
        _tell(f"{count} replicas", first)
        whole = 100 * sum(first.cpu_s.values()) / first.took_s / sessions
        found.add(f"{count} × each service: all processes", SHARE, whole)
        found.add(f"{count} × each service: final p99", MS, _ms(first, "final", 99))


async def by_hours(found: Findings, audio: str) -> None:
    """Sessions at sixty times real time: an hour passes in a minute."""
    fast = {"DRAGOMAN_EDGE_MAX_SPEED": "90", "DRAGOMAN_EDGE_BURST_S": "90"}
    with meshes.mesh(None, **fast) as made:
        target = meshes.target(made)
        for told, seconds in (("six minutes", HOUR_S / 10), ("an hour", HOUR_S)):
            plan = Plan(
                target.url, target.key, audio, sessions=2, frame_ms=20, speed=SPEED, seconds=seconds, warm_s=1
            )
            outcome, _ = await asyncio.gather(
                load(plan, 1, target.pids), _weigh(found, target, told, seconds)
            )
            _tell(f"sessions of {told}", outcome)
            found.add(f"sessions of {told}: final p50", MS, _ms(outcome, "final", 50))
            found.add(f"sessions of {told}: final p99", MS, _ms(outcome, "final", 99))


async def _weigh(found: Findings, target: Target, told: str, seconds: float) -> None:
    """What edge and recogniser hold at a third, two thirds and nearly the end of the sessions."""
    for minutes in (20, 40, 58) if seconds == HOUR_S else ():
        await asyncio.sleep(LEAD_S if minutes == 20 else 0)
        await asyncio.sleep(seconds * (20 if minutes < 58 else 18) / 60)
        now = used(target.pids)
        for process in ("edge", "stt"):
            found.add(f"sessions of {told}: {process} after {minutes} min", MB, now[process].own_bytes / 1e6)


def _whole(outcome: Outcome) -> float:
    return sum(outcome.cpu_share(process) for process in outcome.cpu_s)


def _ms(outcome: Outcome, name: str, percentile: float) -> float | None:
    seconds = outcome.delays.at(name, percentile)
    return None if seconds is None else 1000 * seconds


def _tell(told: str, outcome: Outcome) -> None:
    wrong = f"  ! {dict(outcome.failed)}" if outcome.failed else ""
    late = "" if outcome.kept_up else "  ! the generator was late: the machine is full"
    print(f"growth: {told}, {outcome.sessions} sessions{wrong}{late}", flush=True)


async def measure(found: Findings, seconds: float, only: str) -> None:
    """One part after the other."""
    with tempfile.TemporaryDirectory() as name:
        audio = speech(Path(name))
        if not only:
            with meshes.mesh(None, **meshes.PASSING) as made:
                await by_sessions(found, meshes.target(made), audio, seconds)
            with meshes.mesh() as made:
                await by_targets(found, meshes.target(made), audio, seconds)
        with meshes.mesh() as made:
            await by_viewers(found, meshes.target(made), made.nats_url, audio, seconds)
        if not only:
            await by_replicas(found, audio, seconds)
            await by_hours(found, audio)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--only", choices=["viewers"], default="", help="this part alone")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    asyncio.run(measure(found, options.seconds, options.only))
    found.finish(options.json)


if __name__ == "__main__":
    main()
