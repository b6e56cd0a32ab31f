"""Many sessions on a real mesh with scripted engines, faults by a seeded schedule, and a comparison."""

import asyncio
import itertools
import os
import random
import re
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import nats

from dragoman_cli.audio_source import BYTES_PER_S, paced
from dragoman_cli.client import TranslateError, Wish, translate
from dragoman_cli.mesh import Mesh, Replica, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_cli.processes import node_name
from dragoman_cli.results import Results
from dragoman_contract import subjects
from dragoman_scripted.engines import STOP
from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.bench.meshes import UNLIMITED
from tests.chaos import leaks, steady, store
from tests.chaos.leaks import Leaks
from tests.chaos.proxy import Proxy, proxied
from tests.chaos.recorded import Recorded
from tests.chaos.steady import Shown
from tests.chart.bus import violations

PAUSE = bytes(BYTES_PER_S)  # between utterances
# A hundred speakers share two processors with the mesh that hears them; what is left is for the recoveries.
FRAME_BYTES = BYTES_PER_S // 5
SILENCE = 3 * PAUSE  # after each utterance of a speaker
BREATH, BREATHLESS = 3, 4  # sentences that one of so many speakers says without a pause
FAULTS = ("kill", "kill", "stop", "drain")
NETWORK = ("cut", "cut", "stall")
REFUSING = 0.3  # share of the archive's faults: its store takes nothing
STOPPED_S = 4.0  # longer than it takes to notice
STALLED_S = 2.5
DRAIN_S = "8"
READY_WAIT_S = 1.0
AWAY_S = 3.0  # so long that another node takes the lead
QUIET_S = 25.0
OPEN_TRIES = 20
SETTLE_S = 18.0  # a mesh that recovers may be silent for a while
SCRIPTED = {
    "DRAGOMAN_STT_ENGINE": "scripted",
    "DRAGOMAN_STT_VAD": "scripted",
    "DRAGOMAN_STT_TURNS": "",  # what it hears is no speech
    "DRAGOMAN_STT_SPEAKERS": "scripted",
    "DRAGOMAN_STT_CAPACITY": "200",
    "DRAGOMAN_TRANSLATION_ENGINES": "scripted",
    "DRAGOMAN_TRANSLATION_WARM": "",
    "DRAGOMAN_TTS_ENGINES": "scripted",
    "DRAGOMAN_DRAIN_S": DRAIN_S,
    "DRAGOMAN_EDGE_WORK_WAIT_S": "30",  # the processors are shared by everything that recovers at once
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what; the same seed gives the same faults."""

    seed: int = 1
    sessions: int = 10
    utterances: int = 6
    words: int = 4
    fault_every_s: float = 1.5
    bus_restarts: float = 0.1  # share of the faults
    nats_port: int = -1
    redis_port: int = 0
    store_port: int = 0
    nats_monitor: int = 0
    folder: Path | None = None  # None = one that is removed
    of_service: dict[str, dict[str, str]] = field(default_factory=dict)  # settings of one service
    bus_nodes: int = 1  # of which the leader is killed
    network: float = 0.2  # share of the faults: broken and slow connections
    recorded: int = 0  # more sessions, kept with their audio; the archive and its store break, too
    services: tuple[str, ...] = ("stt", "stt", "translation", "tts", "edge")
    replicas: dict[str, int] = field(
        default_factory=lambda: {"edge": 2, "stt": 3, "translation": 2, "tts": 2}
    )


@dataclass(slots=True)
class Report:
    """What the clients should have got and did not, or got twice, or in the wrong order."""

    sessions: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    timeline: list[str] = field(default_factory=list)  # when each fault was
    words: int = 0
    lost: int = 0
    doubled: int = 0
    misordered: int = 0
    errors: int = 0
    longest_gap_s: float = 0.0
    segments: int = 0  # finals that came of an utterance beside its last one
    resumes: int = 0
    told: Counter[str] = field(default_factory=Counter)  # errors that clients got
    notes: list[str] = field(default_factory=list)  # what was not right, a line each
    steady: Shown = field(default_factory=Shown)  # of a client that wants nothing taken back
    recorded: Recorded = field(default_factory=Recorded)
    left_processes: int = 0
    leaks: Leaks = field(default_factory=Leaks)

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, misordered or left behind."""
        wrong = self.lost or self.doubled or self.misordered or self.errors or self.steady.changed
        wrong = wrong or self.recorded.wrong
        return not (wrong or self.left_processes or self.leaks.any)

    def note_fault(self, fault: str, victim: str = "") -> None:
        """Count it, and remember when it was."""
        self.faults[fault] += 1
        self.timeline.append(f"{datetime.now(UTC):%H:%M:%S.%f} {fault} {victim}")

    def compare(self, said: list[int], results: Results, utterances: int = 0) -> None:
        """What one client read and heard against what was said; in so many utterances, if known."""
        texts = list(results.utterances.values())
        if utterances:
            self.segments += max(0, sum(bool(u.transcript) for u in texts) - utterances)
        read = [n for u in texts for n in numbers(u.transcript)]
        translated = [n for u in texts for n in numbers(u.translation)]
        heard = [n for n, _ in pcm_to_words(bytes(results.audio))]
        for kind, got in (("read", read), ("translated", translated), ("heard", heard)):
            if got != said:
                session = results.resume_token.partition(".")[0]
                self.notes.append(f"{session} {_note(kind, said, got)}")
            self._count(said, got)
        self.errors += len(results.errors)
        self.told.update(_kind(error["description"]) for error in results.errors)
        self.resumes += results.resumes
        moments = sorted(u.transcript_at for u in texts if u.transcript_at)
        gaps = [b - a for a, b in itertools.pairwise(moments)]
        self.longest_gap_s = max([self.longest_gap_s, *gaps])
        self.sessions += 1

    def _count(self, said: list[int], got: list[int]) -> None:
        wanted, have = Counter(said), Counter(got)
        self.words += len(said)
        self.lost += (wanted - have).total()
        self.doubled += (have - wanted).total()
        places = {number: place for place, number in enumerate(said)}
        once = list(dict.fromkeys(places[n] for n in got if n in wanted))
        self.misordered += sum(a > b for a, b in itertools.pairwise(once))

    def lines(self) -> str:
        """For people."""
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        return (
            f"sessions {self.sessions}   faults {self.faults.total()} ({faults})\n"
            f"words {self.words}   lost {self.lost}   doubled {self.doubled}   misordered {self.misordered}"
            f"   errors {self.errors}\n"
            + "".join(f"{count} × {text}\n" for text, count in self.told.most_common(10))
            + "".join(f"{note}\n" for note in self.notes[:10])
            + f"steady updates {self.steady.updates}   changed {self.steady.changed}\n"
            f"{self.recorded.line()}"
            f"longest gap {self.longest_gap_s:.1f} s   resumes {self.resumes}   segments {self.segments}\n"
            f"left: processes {self.left_processes}   {self.leaks.line()}"
        )


def _kind(description: str) -> str:
    """An error without its numbers."""
    return re.sub(r"[0-9]+", "N", description)


def _note(kind: str, said: list[int], got: list[int]) -> str:
    missing = sorted(set(said) - set(got))
    return f"words {said[0]}-{said[-1]} {kind}: {len(got)} of {len(said)}, missing {missing[:12]}"


def run(plan: Plan, keep: Path | None = None) -> Report:
    """Start a mesh, run the sessions through the faults, stop it, compare; an unclean run is kept."""
    report = Report()
    with mesh(plan, **UNLIMITED) as (made, pids):
        asyncio.run(_run(plan, made, report))
        pids |= {r.process.pid for r in made.replicas}
        if keep is not None and not report.clean:
            keep_logs(made.options.folder, keep, report)
    report.left_processes = sum(map(_alive, pids))
    return report


def keep_logs(folder: Path, keep: Path, report: Report) -> None:
    """Logs of a mesh and its faults, in a folder that stays."""
    others = shutil.ignore_patterns("jetstream", "ballast", "valkey", "*.json", "*.port*", "lock")
    with suppress(shutil.Error):  # a file that a service removes meanwhile; the others are there
        shutil.copytree(folder, keep, ignore=others, dirs_exist_ok=True)
    (keep / "faults.txt").write_text("\n".join(report.timeline))


@contextmanager
def mesh(plan: Plan, **settings: str) -> Iterator[tuple[Mesh, set[int]]]:
    """A mesh with scripted engines and several replicas; its bus has the users of the chart."""
    with ExitStack() as stack:
        folder = plan.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        options = MeshOptions(
            folder,
            port=0,
            replicas=plan.replicas,
            nats_nodes=plan.bus_nodes,
            nats_port=plan.nats_port,
            nats_monitor=plan.nats_monitor,
            redis_port=plan.redis_port,
            store_port=plan.store_port,
            environment=SCRIPTED | settings,
            of_service=plan.of_service,
        )
        with running(options) as made:
            yield made, {r.process.pid for r in made.replicas}
            refused = violations(folder)
    assert not refused, "helm/dragoman/files/nats-permissions.yaml does not allow:\n" + "\n".join(refused)


async def _run(plan: Plan, made: Mesh, report: Report) -> None:
    before = await leaks.look(made)
    async with AsyncExitStack() as stack:
        edges = [r.url for r in made.replicas if r.service == "edge"]
        proxies = [await stack.enter_async_context(proxied(url)) for url in edges]
        faults = asyncio.create_task(_break_things(plan, made, proxies, report))
        watch = asyncio.create_task(_watch(made))
        looking = asyncio.create_task(steady.watch(proxies[0].url, made.key, report.steady))
        words = itertools.count(plan.sessions * plan.utterances * plan.words)
        report.recorded.plan(plan.recorded, plan.utterances, plan.words, words, SILENCE)
        recorded = asyncio.create_task(report.recorded.speak([p.url for p in proxies], made.key))
        try:
            clients = [_client(plan, made, proxies, number) for number in range(plan.sessions)]
            for said, results, utterances in await asyncio.gather(*clients):
                report.compare(said, results, utterances)
            await recorded
        finally:
            for task in (faults, looking, recorded):
                task.cancel()
            await asyncio.gather(faults, looking, recorded, return_exceptions=True)
            for replica in made.replicas:
                _signal(replica.process.pid, signal.SIGCONT)
            await report.recorded.compare(proxies[0].url, made.key)
            report.leaks = await leaks.compare(made, before, plan.sessions + plan.recorded)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


def speech(plan: Plan, number: int) -> tuple[list[int], bytes, int]:
    """What a speaker says, as words and as audio, and in how many utterances.

    Words are numbers that no other speaker says. Some say several sentences without a pause, whose finals
    come while they go on.
    """
    count = plan.utterances * plan.words
    said = list(range(number * count, (number + 1) * count))
    breath = BREATH if number % BREATHLESS == 0 else 1
    pcm, utterances = PAUSE, 0
    for sentence in range(1, plan.utterances + 1):
        start, end = (sentence - 1) * plan.words, sentence * plan.words
        goes_on = sentence % breath > 0 and sentence < plan.utterances
        if goes_on:
            said[end - 1] = STOP + sentence
        pcm += words_to_pcm(said[start:end]) + (b"" if goes_on else breath * SILENCE)
        utterances += not goes_on
    return said, pcm, utterances


async def _client(
    plan: Plan, made: Mesh, proxies: list[Proxy], number: int
) -> tuple[list[int], Results, int]:
    """One speaker: what it said and got, and in how many utterances."""
    await asyncio.sleep(random.Random(plan.seed * 1000 + number).uniform(0, 2))
    said, pcm, utterances = speech(plan, number)
    urls = [proxy.url for proxy in proxies]
    url, others = urls[number % len(urls)], tuple(urls[:: -1 if number % 2 else 1])
    wish = Wish("en-US", "es-ES", resume=True)
    for _ in range(OPEN_TRIES):  # a session that never began has lost nothing: its client tries again
        try:
            results = await translate(
                url,
                made.key,
                wish,
                paced(pcm, frame_bytes=FRAME_BYTES),
                quiet_s=QUIET_S,
                others=others,
                settle_s=SETTLE_S,
            )
        except TranslateError as exc:
            results = exc.results
            if not results.resume_token:
                await asyncio.sleep(1)
                continue
            results.errors.append({"description": str(exc)})
        break
    return said, results, utterances


async def _break_things(plan: Plan, made: Mesh, proxies: list[Proxy], report: Report) -> None:
    chance = random.Random(plan.seed)
    await asyncio.sleep(3)
    while True:
        if chance.random() < plan.bus_restarts:
            report.note_fault("kill nats-server")
            node = await leader_of(made) if plan.bus_nodes > 1 else 0
            await asyncio.to_thread(made.restart_bus, node, AWAY_S if plan.bus_nodes > 1 else 0.0)
            await asyncio.sleep(plan.fault_every_s)
            continue
        if chance.random() < plan.network:
            fault = chance.choice(NETWORK)
            report.note_fault(f"{fault} clients")
            proxy = chance.choice(proxies)
            if fault == "cut":
                proxy.cut()
            else:
                await proxy.stall(STALLED_S)
            await asyncio.sleep(plan.fault_every_s)
            continue
        service = chance.choice(plan.services + ("archive", "archive") * bool(plan.recorded))
        fault = chance.choice(FAULTS)
        if service == "archive" and chance.random() < REFUSING:
            report.note_fault("store of recordings refuses")
            await store.refusing(made, STOPPED_S)
            continue
        steady = [r for r in made.replicas if r.service == service and await asyncio.to_thread(_ready, r)]
        # One of each service must be there: what nobody can do is no fault of the mesh. The archive may be
        # away: what it is to keep waits.
        if len(steady) > (service != "archive"):
            victim = chance.choice(steady)
            report.note_fault(f"{fault} {service}", victim.process.name)
            victim.deaths = 0  # it does not crash by itself: it need not wait longer each time
            await _apply(fault, victim.process.pid)
        await asyncio.sleep(plan.fault_every_s)


def _ready(replica: Replica) -> bool:
    """Whether it takes work: neither starting nor about to stop."""
    try:
        with urlopen(f"{replica.url}/readyz", timeout=READY_WAIT_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def leader_of(made: Mesh) -> int:
    """The node that leads the stream of results."""
    nc = await nats.connect(made.nats_url.split(","))
    try:
        info = await nc.jetstream(timeout=10).stream_info(subjects.EVENTS_STREAM)
        leader = info.cluster.leader if info.cluster else None
        return int((leader or node_name(0)).removeprefix(node_name(0)[:-1]))
    finally:
        await nc.close()


async def _apply(fault: str, pid: int) -> None:
    if fault != "stop":
        _signal(pid, signal.SIGKILL if fault == "kill" else signal.SIGTERM)
        return
    _signal(pid, signal.SIGSTOP)
    await asyncio.sleep(STOPPED_S)
    _signal(pid, signal.SIGCONT)


async def _watch(made: Mesh) -> None:
    while True:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(made.watch)


def _signal(pid: int, number: int) -> None:
    if pid and _alive(pid):
        os.kill(pid, number)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def main() -> None:
    """`make chaos`: several seeds, a line each."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--utterances", type=int, default=42)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--recorded", type=int, default=10, help="more sessions, kept with their audio")
    parser.add_argument("--every", type=float, default=2.0, help="seconds from fault to fault")
    parser.add_argument("--bus-nodes", type=int, default=1, help="3 = a cluster whose leader is killed")
    parser.add_argument("--keep", type=Path, help="where the logs of an unclean run go")
    options = parser.parse_args()
    worst = 0
    for seed in options.seeds:
        started = time.monotonic()
        plan = Plan(
            seed=seed,
            sessions=options.sessions,
            utterances=options.utterances,
            fault_every_s=options.every,
            bus_nodes=options.bus_nodes,
            recorded=options.recorded,
        )
        report = run(plan, options.keep)
        print(f"seed {seed}   {time.monotonic() - started:.0f} s\n{report.lines()}", flush=True)
        worst = max(worst, not report.clean)
    raise SystemExit(worst)


if __name__ == "__main__":
    main()
