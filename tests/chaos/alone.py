"""One replica of each service: cuts between every pair of processes, stores that lose their data, a full disk
and stopped clocks, and what clients got who went on speaking."""

import argparse
import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from dragoman_cli.audio_source import BYTES_PER_S
from tests.chaos.faults import HEAL_S, LONGEST_CUT_S, Gap, Timeline, schedule, table
from tests.chaos.harness import Report, keep_logs
from tests.chaos.speakers import speaker
from tests.chaos.talk import WORDS, Talk
from tests.chaos.world import World, alone, may_mount

GRACE_S = 75.0
MOST_TOLD = 600  # characters of what the bus refused
BEFORE_S = 6.0  # the first fault
MOST_WORDS = 0xC000 - 1  # above them are words that make an engine do something else
SILENCE_S = 3.0  # after an utterance, at least
FAULT_S = 20.0  # that a fault takes, with what comes after it
END_WITHIN_S = 300.0  # of all speakers, after the last fault


@dataclass(frozen=True, slots=True)
class Trial:
    """How much of what; the same seed gives the same faults."""

    seed: int = 1
    sessions: int = 100
    faults: int = 60
    longest_s: float = LONGEST_CUT_S  # of a cut
    silence_s: float = SILENCE_S  # after an utterance
    heal_s: float = HEAL_S  # after a fault
    only: str = ""  # faults whose name has this in it
    exactly_s: float = 0.0  # cuts and lost routes alone, all as long as this
    keep: Path | None = None  # where the logs of an unclean run go


def lasting_silence_s(sessions: int, faults: int) -> float:
    """Return the silence after an utterance with which the words of each speaker last through all faults."""
    utterances = MOST_WORDS // sessions // WORDS
    return max(SILENCE_S, faults * FAULT_S / utterances)


async def run(trial: Trial) -> tuple[Report, dict[str, Gap]]:
    """Speak through a schedule of faults; what clients got, and the longest gap by kind."""
    report, timeline, done = Report(), Timeline(), list[Talk]()
    disk = await asyncio.to_thread(may_mount)
    try:
        async with alone(disk) as world:
            done += await _spoken(trial, world, disk, timeline, report)
            for talk in done:
                report.compare(talk.said, talk.results)
            if trial.keep is not None:
                keep_logs(world.made.options.folder, trial.keep, report)
    except AssertionError as exc:  # what the bus has refused: known at its end
        if not done:
            raise
        report.errors += 1
        report.notes.append(str(exc)[:MOST_TOLD])
    if not disk:
        report.notes.append("no disk was filled: this user may not mount one")
    return report, timeline.gaps([talk.finals for talk in done], [talk.translations for talk in done])


async def _spoken(trial: Trial, world: World, disk: bool, timeline: Timeline, report: Report) -> list[Talk]:
    over, watch = asyncio.Event(), asyncio.create_task(world.watch())
    silence = bytes(int(trial.silence_s * BYTES_PER_S) & ~1)
    most = MOST_WORDS // trial.sessions
    talks = [
        asyncio.create_task(speaker(world, number, most, silence, over)) for number in range(trial.sessions)
    ]
    await asyncio.sleep(BEFORE_S)
    for fault in schedule(trial.seed, trial.faults, trial.longest_s, disk, trial.only, trial.exactly_s):
        report.note_fault(fault.kind, f"{fault.victim} {fault.seconds:.1f} s")
        begun = time.time()
        await world.apply(fault)
        timeline.entries.append((fault, begun, time.time()))
        print(f"{len(timeline.entries)} of {trial.faults}: {report.timeline[-1]}", flush=True)
        # Sessions whose store was emptied end when its grace is over: another fault would hide that.
        await asyncio.sleep(max(trial.heal_s, GRACE_S if fault.name == "empty store" else 0.0))
    over.set()
    done = await _ended(talks, report)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    return done


async def _ended(speakers: list[asyncio.Task[list[Talk]]], report: Report) -> list[Talk]:
    """What was said and heard, once the speakers have ended; one that does not is an error."""
    print(f"{report.faults.total()} faults are over; {len(speakers)} speakers end", flush=True)
    ended, endless = await asyncio.wait(speakers, timeout=END_WITHIN_S)
    for task in endless:
        task.cancel()
    if endless:
        await asyncio.wait(endless)
        report.errors += len(endless)
        report.notes.append(f"{len(endless)} speakers did not end within {END_WITHIN_S:.0f} s")
    return [talk for task in ended for talk in task.result()]


def main() -> None:
    """`make chaos-alone`: several seeds, a table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--longest", type=float, default=LONGEST_CUT_S, help="seconds of a cut")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", default="", help="faults whose name has this in it, e.g. 'stt - bus'")
    parser.add_argument(
        "--exactly", type=float, default=0.0, help="seconds of every cut, and no other faults"
    )
    parser.add_argument("--keep", type=Path, help="where the logs of an unclean run go")
    given = parser.parse_args()
    worst = 0
    for seed in given.seeds:
        started = time.monotonic()
        trial = Trial(
            seed,
            given.sessions,
            given.faults,
            given.longest,
            lasting_silence_s(given.sessions, given.faults),
            only=given.only,
            exactly_s=given.exactly,
            keep=given.keep,
        )
        report, gaps = asyncio.run(run(trial))
        print(f"one replica of each, seed {seed}   {time.monotonic() - started:.0f} s")
        print(f"a speaker is silent for {trial.silence_s:.1f} s after an utterance\n{report.lines()}")
        print(table(gaps), flush=True)
        worst = max(worst, not report.clean)
    raise SystemExit(worst)


if __name__ == "__main__":
    main()
