"""What it costs to keep text and audio of sessions, and whether a hundred of them are kept without a hole.

python -m tests.bench.recordings [--sessions 100] [--rounds 2] [--json FILE]

Kept and unkept sessions take turns on the mesh with scripted engines: the difference is what keeping costs in
all processes, edge, bus and archive among them. The session that it is compared with has the service's own
engines: one speaker, all processes. A hole: a sample that is not where it was said, or a sentence that is not
there once.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from dragoman_cli.load.load import Outcome, load
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.usage import used
from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_tts.demo import SENTENCES, say
from tests.bench import meshes
from tests.bench.edge import speech
from tests.bench.figures import Findings
from tests.support.recorded_sessions import RecordedSession

KEEP: dict[str, Any] = {"keep": True}
SESSIONS, ROUNDS, SECONDS = 50, 2, 25.0  # of the comparison
UTTERANCES, WORDS = 10, 8
SHARE, MS = "% of a core a session", "ms"
DELAYS = ("final", "translation after final", "first audio after final")


async def cost(found: Findings, made: Mesh, audio: str, rounds: int) -> float:
    """In turns without and with `keep`; the share of a core that keeping a session takes."""
    where, added = meshes.target(made), list[float]()
    for number in range(rounds):
        print(f"recordings: round {number + 1} of {rounds}", flush=True)
        plans = {
            name: Plan(where.url, where.key, audio, sessions=SESSIONS, seconds=SECONDS, wishes=wishes)
            for name, wishes in (("not kept", {}), ("kept", KEEP))
        }
        measured = {name: await load(plan, 1, where.pids) for name, plan in plans.items()}
        for name, outcome in measured.items():
            _note(found, f"{SESSIONS} sessions, {name}", outcome)
        before, after = (sum(outcome.cpu_s.values()) for outcome in measured.values())
        added.append((after - before) / SECONDS / SESSIONS)
        found.add("keeping a session", SHARE, 100 * added[-1])
    return sum(added) / len(added)


def _note(found: Findings, name: str, outcome: Outcome) -> None:
    if outcome.failed or outcome.sessions < outcome.plan.sessions:
        print(f"! {name}: {outcome.sessions} of {outcome.plan.sessions} sessions, {dict(outcome.failed)}")
    if not outcome.kept_up:
        print(f"! {name}: the generator was late; the machine is full")
    for process in ("edge", "nats-server", "archive"):
        found.add(f"{name}: {process}", SHARE, 100 * outcome.cpu_share(process))
    for delay, percentile in itertools.product(DELAYS, (50, 99)):
        seconds = outcome.delays.at(delay, percentile)
        found.add(f"{name}: {delay} p{percentile}", MS, None if seconds is None else 1000 * seconds)


async def whole_session(found: Findings, folder: Path) -> float:
    """The share of a core of one session with the service's own engines, all processes."""
    pause = bytes(2 * 16_000)
    audio = folder / "speech.pcm"
    audio.write_bytes(b"".join(say(text, "en-us") + pause for text in SENTENCES))
    with running(MeshOptions(folder / "real", port=0)) as made:
        where = meshes.target(made)
        plan = Plan(where.url, where.key, str(audio), sessions=1, seconds=SECONDS, warm_s=6)
        outcome = await load(plan, 1, where.pids)
        before, started = used(where.pids), time.monotonic()
        await asyncio.sleep(5)
        idle = sum(usage.cpu_s - before[name].cpu_s for name, usage in used(where.pids).items())
    share = sum(outcome.cpu_s.values()) / outcome.took_s - idle / (time.monotonic() - started)
    found.add("a session with its engines, all processes", SHARE, 100 * share)
    return share


async def holes(found: Findings, made: Mesh, sessions: int) -> None:
    """So many recorded sessions at once, each compared with what it said."""
    where, words = meshes.target(made), itertools.count(1)
    talks = [
        RecordedSession([list(itertools.islice(words, WORDS)) for _ in range(UTTERANCES)])
        for _ in range(sessions)
    ]
    before, started = used(where.pids), time.monotonic()
    await asyncio.gather(*(_speak(n, talk, where) for n, talk in enumerate(talks)))
    took = time.monotonic() - started
    busy = sum(usage.cpu_s - before[name].cpu_s for name, usage in used(where.pids).items())
    headers = {"Authorization": f"Bearer {where.key}"}
    async with httpx.AsyncClient(base_url=where.url, headers=headers, timeout=30) as http:
        wrong = [problem for talk in talks for problem in await talk.compare(http)]
    for problem in wrong[:10]:
        print(f"! {problem}")
    found.add(f"{sessions} recorded sessions: holes", "count", len(wrong))
    found.add(f"{sessions} recorded sessions: audio", "s", sum(len(talk.pcm) for talk in talks) / 32_000)
    found.add(f"{sessions} recorded sessions: the mesh", "cores", busy / took)


async def _speak(number: int, talk: RecordedSession, where: meshes.Target) -> None:
    await asyncio.sleep(number / 40)
    await talk.speak([where.url], where.key)


async def measure(found: Findings, sessions: int, rounds: int) -> None:
    """Everything."""
    with tempfile.TemporaryDirectory() as name:
        with meshes.mesh() as made:
            added = await cost(found, made, speech(Path(name)), rounds)
            await holes(found, made, sessions)
        whole = await whole_session(found, Path(name))
    found.add("keeping a session / the session", "%", 100 * added / whole)


def main() -> None:
    """Print a table, and JSON with --json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=100, help="that are looked at for holes")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    options, found = parser.parse_args(), Findings()
    asyncio.run(measure(found, options.sessions, options.rounds))
    found.show()
    found.write(options.json)


if __name__ == "__main__":
    main()
