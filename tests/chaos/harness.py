"""Many sessions on a real mesh with scripted engines, faults by a seeded schedule, and a comparison."""

import asyncio
import itertools
import os
import random
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nats

from dragoman_cli.client import BYTES_PER_S, Results, TranslateError, Wish, paced, translate
from dragoman_cli.mesh import Mesh, MeshOptions, running
from dragoman_cli.rest import Admin, RestError
from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.chaos.proxy import Proxy, proxied

PAUSE = bytes(BYTES_PER_S)  # between utterances
FAULTS = ("kill", "kill", "stop", "drain")
NETWORK = ("cut", "cut", "stall")
STOPPED_S = 4.0  # longer than it takes to notice
STALLED_S = 2.5
DRAIN_S = "8"
QUIET_S = 25.0
OPEN_TRIES = 20
SETTLE_S = 18.0  # a mesh that recovers may be silent for a while
LEAKS_S = 90.0  # longer than a lease
SCRIPTED = {
    "DRAGOMAN_STT_ENGINE": "scripted",
    "DRAGOMAN_STT_VAD": "scripted",
    "DRAGOMAN_STT_CAPACITY": "200",
    "DRAGOMAN_TRANSLATION_ENGINES": "scripted",
    "DRAGOMAN_TRANSLATION_WARM": "",
    "DRAGOMAN_TTS_ENGINES": "scripted",
    "DRAGOMAN_DRAIN_S": DRAIN_S,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what; the same seed gives the same faults."""

    seed: int = 1
    sessions: int = 10
    utterances: int = 6
    words: int = 4
    fault_every_s: float = 1.5
    bus_restarts: float = 0.15  # share of the faults
    network: float = 0.2  # share of the faults: broken and slow connections
    services: tuple[str, ...] = ("stt", "stt", "translation", "tts", "edge")
    replicas: dict[str, int] = field(
        default_factory=lambda: {"edge": 2, "stt": 3, "translation": 2, "tts": 2}
    )


@dataclass(slots=True)
class Report:
    """What the clients should have got and did not, or got twice, or in the wrong order."""

    sessions: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    words: int = 0
    lost: int = 0
    doubled: int = 0
    misordered: int = 0
    errors: int = 0
    longest_gap_s: float = 0.0
    resumes: int = 0
    told: Counter[str] = field(default_factory=Counter)  # errors that clients got
    notes: list[str] = field(default_factory=list)  # what was not right, a line each
    left_processes: int = 0
    left_sessions: int = 0  # leases and holds, once every client is gone
    money_wrong: int = 0  # accounts whose figures do not add up
    left_consumers: int = 0  # on the bus, more than before

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, misordered or left behind."""
        wrong = self.lost or self.doubled or self.misordered or self.errors
        left = self.left_processes or self.left_sessions or self.left_consumers
        return not (wrong or left or self.money_wrong)

    def compare(self, said: list[int], results: Results) -> None:
        """One client: what it read and what it heard against what was said."""
        texts = list(results.utterances.values())
        read = [n for u in texts for n in numbers(u.transcript)]
        translated = [n for u in texts for n in numbers(u.translation)]
        heard = [n for n, _ in pcm_to_words(bytes(results.audio))]
        for kind, got in (("read", read), ("translated", translated), ("heard", heard)):
            if got != said:
                self.notes.append(_note(kind, said, got))
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
        once = list(dict.fromkeys(n for n in got if n in wanted))
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
            + f"longest gap {self.longest_gap_s:.1f} s   resumes {self.resumes}\n"
            f"left: processes {self.left_processes}   sessions {self.left_sessions}"
            f"   consumers {self.left_consumers}   accounts that do not add up {self.money_wrong}"
        )


def _kind(description: str) -> str:
    """An error without its numbers."""
    return re.sub(r"[0-9]+", "N", description)


def _note(kind: str, said: list[int], got: list[int]) -> str:
    missing = sorted(set(said) - set(got))
    return f"words {said[0]}-{said[-1]} {kind}: {len(got)} of {len(said)}, missing {missing[:12]}"


def run(plan: Plan) -> Report:
    """Start a mesh, run the sessions through the faults, stop it, compare."""
    report = Report()
    with mesh(plan) as (made, pids):
        asyncio.run(_run(plan, made, report))
        pids |= {r.process.pid for r in made.replicas}
    report.left_processes = sum(map(_alive, pids))
    return report


@contextmanager
def mesh(plan: Plan, **settings: str) -> Iterator[tuple[Mesh, set[int]]]:
    """A mesh with scripted engines and several replicas."""
    with tempfile.TemporaryDirectory() as folder:
        options = MeshOptions(Path(folder), port=0, replicas=plan.replicas, environment=SCRIPTED | settings)
        with running(options) as made:
            yield made, {r.process.pid for r in made.replicas}


async def _run(plan: Plan, made: Mesh, report: Report) -> None:
    consumers = await _consumers(made)
    async with AsyncExitStack() as stack:
        edges = [r.url for r in made.replicas if r.service == "edge"]
        proxies = [await stack.enter_async_context(proxied(url)) for url in edges]
        faults = asyncio.create_task(_break_things(plan, made, proxies, report))
        watch = asyncio.create_task(_watch(made))
        try:
            clients = [_client(plan, made, proxies, number) for number in range(plan.sessions)]
            for said, results in await asyncio.gather(*clients):
                report.compare(said, results)
        finally:
            faults.cancel()
            await asyncio.gather(faults, return_exceptions=True)
            for replica in made.replicas:
                _signal(replica.process.pid, signal.SIGCONT)
            await _look_for_leaks(made, report, consumers)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


async def _look_for_leaks(made: Mesh, report: Report, consumers: int) -> None:
    """What is still there once every client is gone; leases of killed edges have their time to lapse."""
    admin = made.state()["admin"]
    assert isinstance(admin, dict)
    rest = Admin(admin["url"], admin["token"])
    deadline = time.monotonic() + LEAKS_S
    while time.monotonic() < deadline:
        with suppress(RestError):
            report.left_sessions = await asyncio.to_thread(_sessions, rest)
            if not report.left_sessions:
                break
        await asyncio.sleep(1)
    report.money_wrong = await asyncio.to_thread(_wrong, rest)
    report.left_consumers = max(0, await _consumers(made) - consumers)


def _sessions(rest: Admin) -> int:
    ids = [account["id"] for account in rest.pages("/v1/accounts")]
    return sum(len([*rest.pages(f"/v1/accounts/{one}/sessions")]) for one in ids)


def _wrong(rest: Admin) -> int:
    ids = [account["id"] for account in rest.pages("/v1/accounts")]
    return sum(bool(rest.call("GET", f"/v1/accounts/{one}/reconciliation")["problems"]) for one in ids)


async def _consumers(made: Mesh) -> int:
    nc = await nats.connect(made.nats_url)
    try:
        info = await nc.jetstream().account_info()
        return int(info.consumers)
    finally:
        await nc.close()


async def _client(plan: Plan, made: Mesh, proxies: list[Proxy], number: int) -> tuple[list[int], Results]:
    """One speaker; its words are numbers that no other speaker says."""
    await asyncio.sleep(random.Random(plan.seed * 1000 + number).uniform(0, 2))
    count = plan.utterances * plan.words
    first = number * count
    said = list(range(first, first + count))
    pcm = PAUSE
    for start in range(0, count, plan.words):
        pcm += words_to_pcm(said[start : start + plan.words]) + PAUSE
    urls = [proxy.url for proxy in proxies]
    url, others = urls[number % len(urls)], tuple(urls[:: -1 if number % 2 else 1])
    wish = Wish("en-US", "es-ES", resume=True)
    for _ in range(OPEN_TRIES):  # a session that never began has lost nothing: its client tries again
        try:
            results = await translate(
                url, made.key, wish, paced(pcm), quiet_s=QUIET_S, others=others, settle_s=SETTLE_S
            )
        except TranslateError as exc:
            results = exc.results
            if not results.resume_token:
                await asyncio.sleep(1)
                continue
            results.errors.append({"description": str(exc)})
        break
    return said, results


async def _break_things(plan: Plan, made: Mesh, proxies: list[Proxy], report: Report) -> None:
    chance = random.Random(plan.seed)
    await asyncio.sleep(3)
    while True:
        if chance.random() < plan.bus_restarts:
            report.faults["kill nats-server"] += 1
            await asyncio.to_thread(made.restart_bus)
            await asyncio.sleep(plan.fault_every_s)
            continue
        if chance.random() < plan.network:
            fault = chance.choice(NETWORK)
            report.faults[f"{fault} clients"] += 1
            proxy = chance.choice(proxies)
            if fault == "cut":
                proxy.cut()
            else:
                await proxy.stall(STALLED_S)
            await asyncio.sleep(plan.fault_every_s)
            continue
        service = chance.choice(plan.services)
        fault = chance.choice(FAULTS)
        alive = [r for r in made.replicas if r.service == service and r.process.alive]
        # One of each service must be there: what nobody can do is no fault of the mesh.
        if len(alive) > 1:
            report.faults[f"{fault} {service}"] += 1
            await _apply(fault, chance.choice(alive).process.pid)
        await asyncio.sleep(plan.fault_every_s)


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
    parser.add_argument("--utterances", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    worst = 0
    for seed in options.seeds:
        started = time.monotonic()
        report = run(Plan(seed=seed, sessions=options.sessions, utterances=options.utterances))
        print(f"seed {seed}   {time.monotonic() - started:.0f} s\n{report.lines()}", flush=True)
        worst = max(worst, not report.clean)
    raise SystemExit(worst)


if __name__ == "__main__":
    main()
