"""What it costs to keep text and audio of sessions, and whether a hundred of them are kept without a hole.

python -m tests.bench.recordings [--sessions 100] [--rounds 4] [--json FILE]

What keeping costs is the difference in CPU time of all processes, edge, bus, archive and stores among them,
between sessions that are kept and others that are not, on a mesh with scripted engines. It is set against one
of these sessions, which is nearly nothing but edge and bus, and against a session with the service's own
engines. All three take turns within a round, and each round has its own ratios: what else the machine does
touches all of them. What keeping adds to the delay of results is measured in such turns, and between sessions
of both kinds that run beside each other, where the machine is the same for both. A hole: a sample that is not
where it was said, or a sentence that is not there once.
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

WISHES: dict[str, dict[str, Any]] = {"not kept": {}, "kept": {"keep": True}}
SESSIONS, ROUNDS, SECONDS = 50, 4, 24.0  # of a window with scripted engines: five pieces of audio
OWN, WARM_S = 2, 6.0  # sessions with the service's own engines
IDLE_S = 5.0
UTTERANCES, WORDS = 10, 8
SHARE, MS = "% of a core a session", "ms"
DELAYS = ("final", "translation after final", "first audio after final")


async def costs(found: Findings, scripted: Mesh, own: Mesh, folder: Path, rounds: int) -> None:
    """Sessions that are kept, others that are not, and those with the service's own engines, in turns."""
    where, audio = meshes.target(scripted), speech(folder)
    spoken, idle = _spoken(folder), await _idle(meshes.target(own))
    for number in range(rounds):
        print(f"recordings: round {number + 1} of {rounds}", flush=True)
        turns = list(WISHES)[:: -1 if number % 2 else 1]
        measured = {name: await _sessions(where, audio, name) for name in turns}
        whole = await _whole(meshes.target(own), spoken) - idle
        plain, kept = measured["not kept"], measured["kept"]
        _note(found, plain, kept, whole)
        _note_delays(found, "", plain, kept)
        beside = await asyncio.gather(*(_sessions(where, audio, turn, SESSIONS // 2) for turn in turns))
        halves = dict(zip(turns, beside, strict=True))
        _note_delays(found, "beside each other: ", halves["not kept"], halves["kept"])


async def _sessions(where: meshes.Target, audio: str, name: str, count: int = SESSIONS) -> Outcome:
    plan = Plan(where.url, where.key, audio, sessions=count, seconds=SECONDS, wishes=WISHES[name])
    outcome = await load(plan, 1, where.pids)
    if outcome.failed or outcome.sessions < plan.sessions:
        print(f"! {name}: {outcome.sessions} of {plan.sessions} sessions, {dict(outcome.failed)}")
    if not outcome.kept_up:
        print(f"! {name}: the generator was late; the machine is full")
    return outcome


async def _whole(where: meshes.Target, spoken: str) -> float:
    """Cores that a session with the service's own engines takes: all processes, an idle mesh's share too."""
    plan = Plan(where.url, where.key, spoken, sessions=OWN, seconds=SECONDS, warm_s=WARM_S)
    outcome = await load(plan, 1, where.pids)
    return sum(outcome.cpu_s.values()) / outcome.took_s / OWN


async def _idle(where: meshes.Target) -> float:
    """Cores of that mesh without a session, for each of those that it will have."""
    before, started = used(where.pids), time.monotonic()
    await asyncio.sleep(IDLE_S)
    busy = sum(usage.cpu_s - before[name].cpu_s for name, usage in used(where.pids).items())
    return busy / (time.monotonic() - started) / OWN


def _spoken(folder: Path) -> str:
    pause, path = bytes(2 * 16_000), folder / "spoken.pcm"
    path.write_bytes(b"".join(say(text, "en-us") + pause for text in SENTENCES))
    return str(path)


def _note(found: Findings, plain: Outcome, kept: Outcome, whole: float) -> None:
    """The ratios of CPU time first, the harder one before the other; then what they are made of."""
    session, added = _share(plain), _share(kept) - _share(plain)
    found.add("keeping a session / a session with scripted engines", "%", 100 * added / session)
    found.add("keeping a session / a session with the service's own", "%", 100 * added / whole)
    found.add("keeping a session", SHARE, 100 * added)
    for process in ("edge", "nats-server", "archive"):
        more = kept.cpu_share(process) - plain.cpu_share(process)
        found.add(f"keeping a session: {process}", SHARE, 100 * more)
    found.add("archive, a kept session", SHARE, 100 * kept.cpu_share("archive"))
    found.add("a session with scripted engines, all processes", SHARE, 100 * session)
    found.add("a session with the service's own engines, all processes", SHARE, 100 * whole)
    finals = kept.results["final"] + kept.results["translation"]
    found.add("texts of a kept session", "a minute", finals / kept.sessions / kept.took_s * 60)


def _share(outcome: Outcome) -> float:
    return sum(map(outcome.cpu_share, outcome.cpu_s))


def _note_delays(found: Findings, how: str, plain: Outcome, kept: Outcome) -> None:
    """How long results take, and what keeping adds to that; `how` begins the figures' names."""
    for delay, percentile in itertools.product(DELAYS, (50, 99)):
        without, kept_s = (outcome.delays.at(delay, percentile) for outcome in (plain, kept))
        if without is None or kept_s is None:
            print(f"! {delay}: nothing came")
            continue
        found.add(f"{how}not kept: {delay} p{percentile}", MS, 1000 * without)
        found.add(f"{how}keeping adds to it: {delay} p{percentile}", MS, 1000 * (kept_s - without))


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
    with tempfile.TemporaryDirectory() as name, meshes.mesh() as scripted:
        with running(MeshOptions(Path(name) / "own", port=0)) as own:
            await costs(found, scripted, own, Path(name), rounds)
        await holes(found, scripted, sessions)


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
    found.finish(options.json)


if __name__ == "__main__":
    main()
