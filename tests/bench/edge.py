"""What a frame costs in the edge against a bare relay, and how long it is on its way.

python -m tests.bench.edge [--sessions 50 200] [--rounds 2] [--json FILE]

The relay, the mesh with scripted engines and the mesh with the echo take turns: the same frames, the same
generator, one after the other, several rounds.
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from dragoman_cli.load.load import Outcome, load
from dragoman_cli.load.plan import Plan
from dragoman_scripted.tones import words_to_pcm
from tests.bench import meshes
from tests.bench.figures import Findings
from tests.bench.meshes import Target

WORDS = 8  # of an utterance
SILENCE = bytes(32_000)
CPU, MS, WAITING = "µs of CPU a frame", "ms", "% of the time"
FULL = 0.7  # of a core that the edge takes: where latency is looked at
NEAR, TRIES = 0.03, 5  # how near the load must come to it, and in how many steps
MOST_MORE = 1.5  # times the load of a step before
MOST = 350  # sessions that one generator process still serves on time


def speech(folder: Path, utterances: int = 12, words: int = WORDS) -> str:
    """A file of utterances of tones, with pauses of a second."""
    pcm = b"".join(
        words_to_pcm(list(range(first, first + words))) + SILENCE
        for first in range(1, utterances * words, words)
    )
    path = folder / "speech.pcm"
    path.write_bytes(pcm)
    return str(path)


async def frames(
    found: Findings, bare: Target, made: Target, audio: str, sessions: int, seconds: float
) -> None:
    """One round: the relay, then the mesh."""
    plan = Plan(bare.url, "", audio, "relay", sessions, seconds=seconds, stamped=True)
    theirs = await load(plan, 1, bare.pids)
    ours = await load(Plan(made.url, made.key, audio, sessions=sessions, seconds=seconds), 1, made.pids)
    told = f"{sessions} sessions"
    for name, outcome in (("relay", theirs), ("mesh", ours)):
        _check(found, f"{name}, {told}", outcome)
        for process in ("edge", "nats-server", "stt"):
            found.add(f"{told}: {name}, {process}", CPU, outcome.cpu_per_frame_us(process))
    ratio = ours.cpu_per_frame_us("edge") / theirs.cpu_per_frame_us("edge")
    found.add(f"{told}: edge of the mesh / relay", "ratio", ratio)
    found.add(f"{told}: relay, frame there and back p99", MS, _ms(theirs, "round trip", 99))
    found.add(f"{told}: session open p50", MS, _ms(ours, "open", 50))


async def latency(
    found: Findings, target: Target, echo: meshes.Echo, audio: str, told: str, sessions: int, seconds: float
) -> Outcome:
    """The mesh alone: its recogniser answers at once."""
    plan = Plan(target.url, target.key, audio, sessions=sessions, seconds=seconds, stamped=True)
    outcome = await load(plan, 1 + sessions // MOST, target.pids, echo)
    _check(found, told, outcome)
    for name, short in (
        ("last frame of a message to recogniser", "frame to recogniser"),
        ("frame to recogniser", "frame to recogniser with the wait for company"),
        ("event to client", "event to client"),
    ):
        for percentile in (50, 99, 99.9):
            found.add(f"{told}: {short} p{percentile:g}", MS, _ms(outcome, name, percentile))
    found.add(f"{told}: edge busy", "% of a core", 100 * outcome.cpu_s["edge"] / outcome.took_s)
    for process in ("edge", "nats-server", "stt"):
        found.add(f"{told}: {process}", CPU, outcome.cpu_per_frame_us(process))
    whole = sum(outcome.cpu_per_frame_us(process) for process in outcome.cpu_s)
    found.add(f"{told}: all processes", CPU, whole)
    _machine(found, told, outcome)
    return outcome


def _machine(found: Findings, told: str, outcome: Outcome) -> None:
    """How much of the delays is not of the mesh: processors that are taken, and speakers that are late."""
    found.add(f"{told}: speakers", CPU, outcome.generator_cpu_s / max(1, outcome.frames) * 1e6)
    found.add(f"{told}: speakers late p99", MS, _ms(outcome, "sent late", 99))
    taken = sum(outcome.cpu_s.values()) + outcome.generator_cpu_s
    processors = outcome.took_s * (os.cpu_count() or 1)
    found.add(f"{told}: mesh and speakers", "% of all processors", 100 * taken / processors)
    waited = outcome.waited_s | {"speakers": outcome.generator_waited_s}
    for process in ("edge", "nats-server", "stt", "speakers"):
        share = waited[process] / outcome.took_s
        found.add(f"{told}: {process} ready, no processor free", WAITING, 100 * share)


async def at_full(
    found: Findings, target: Target, echo: meshes.Echo, audio: str, busy: Outcome, seconds: float
) -> None:
    """Latency where the edge takes `FULL` of a core: the load is changed until it does."""
    sessions = _for_full(busy)
    for attempt in range(TRIES):
        tried = Findings()
        busy = await latency(tried, target, echo, audio, "at 70 % load", sessions, seconds)
        if abs(_busy(busy) - FULL) <= NEAR or attempt == TRIES - 1:
            break
        sessions = _for_full(busy)
    found.take(tried)
    if abs(_busy(busy) - FULL) > NEAR:
        found.failed(f"the edge was {100 * _busy(busy):.0f} % busy, not {100 * FULL:.0f} %")
    found.add("at 70 % load: sessions", "sessions", busy.sessions)


def _busy(outcome: Outcome) -> float:
    return outcome.cpu_s["edge"] / outcome.took_s


def _for_full(outcome: Outcome) -> int:
    more = min(MOST_MORE, FULL / max(0.01, _busy(outcome)))  # an edge that gets no processor looks idle
    return max(1, round(more * outcome.sessions))


def _ms(outcome: Outcome, name: str, percentile: float) -> float | None:
    seconds = outcome.delays.at(name, percentile)
    return None if seconds is None else 1000 * seconds


def _check(found: Findings, told: str, outcome: Outcome) -> None:
    """What makes the figures worthless is told, and without its sessions a part was not measured."""
    if outcome.failed or outcome.sessions < outcome.plan.sessions:
        of = f"{outcome.sessions} of {outcome.plan.sessions} sessions"
        found.failed(f"{told}: {of}, {dict(outcome.failed)}")
    if not outcome.kept_up:
        print(f"! {told}: the generator was late; the machine is full")


async def measure(found: Findings, sessions: list[int], rounds: int, seconds: float) -> None:
    """Everything, in turns; a mesh that is not measured takes no processor from another."""
    with tempfile.TemporaryDirectory() as name:
        audio = speech(Path(name))
        for number in range(rounds):
            print(f"edge: round {number + 1} of {rounds}", flush=True)
            with meshes.relay() as bare, meshes.mesh() as made:
                for count in sessions:
                    await frames(found, bare, meshes.target(made), audio, count, seconds)
            with meshes.echo_mesh() as (echoing, echo):
                await latency(found, echoing, echo, audio, "at rest", 4, seconds)
                busy = await latency(found, echoing, echo, audio, "many", max(sessions), seconds)
                await at_full(found, echoing, echo, audio, busy, seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    asyncio.run(measure(found, options.sessions, options.rounds, options.seconds))
    found.finish(options.json)


if __name__ == "__main__":
    main()
