"""One window: a victim that speaks, with an attack beside it or without; what both and the edge came to."""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from dragoman_cli.load.delays import Delays
from dragoman_cli.load.load import load
from dragoman_cli.load.plan import Plan
from tests.mesh.conftest import Mesh
from tests.security.fairness.attacks import LINGER_S

AHEAD_S = 3.0  # the attack stands when the victim is measured
VOICES = 2  # sessions of the victim: what an account's share leaves for others
MEMORY_EVERY_S = 0.25
BLOCKED_S = 0.2
QUIET = ""  # the name of no attack
COMPUTING = " computing"
NAMES = ("final", "translation after final", "first audio")


@dataclass(slots=True)
class Window:
    """What was measured in one window; bytes are the largest resident size of all edges."""

    attack: str
    delays: Delays = field(default_factory=Delays)
    failed: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    edge_bytes: int = 0
    blocked: dict[str, int] = field(default_factory=dict)  # see `blocked`


@dataclass(frozen=True, slots=True)
class Scene:
    """The mesh and the two accounts; `audio` is a file of canonical audio that all speak."""

    mesh: Mesh
    victim: str
    hostile: str
    audio: Path


async def window(scene: Scene, attack: str, seconds: float) -> Window:
    """Measure `seconds` of the victim's speech; an attack of no name is none."""
    made = Window(attack)
    hostile = asyncio.create_task(_attack(scene, attack, seconds + 2 * AHEAD_S + 3.0))
    watching = asyncio.create_task(_watch(scene, made))
    before = await blocked(scene.mesh)
    try:
        await asyncio.sleep(AHEAD_S if attack else 0)
        plan = Plan(scene.mesh.edge, scene.victim, str(scene.audio), sessions=VOICES, seconds=seconds)
        outcome = await load(plan)
        made.told = await hostile
    finally:
        for task in (watching, hostile):
            task.cancel()
        await asyncio.gather(watching, hostile, return_exceptions=True)
    after = await blocked(scene.mesh)
    made.blocked = {name: count - before.get(name, 0) for name, count in after.items()}
    made.delays, made.failed = outcome.delays, outcome.failed
    return made


async def _attack(scene: Scene, name: str, seconds: float) -> Counter[str]:
    if not name:
        return Counter()
    order = {"name": name, "url": scene.mesh.edge, "key": scene.hostile, "seconds": seconds}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.security.fairness.attacks",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said = json.dumps(order | {"audio": str(scene.audio)}).encode()
        async with asyncio.timeout(seconds + LINGER_S + 20):
            out, _ = await process.communicate(said)
        return Counter(json.loads(out))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _watch(scene: Scene, made: Window) -> None:
    """Keep the largest memory of an edge."""
    while True:
        sizes = [_resident(pid) for pid in scene.mesh.state["pids"]["edge"]]
        made.edge_bytes = max(made.edge_bytes, *sizes)
        await asyncio.sleep(MEMORY_EVERY_S)


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


async def blocked(mesh: Mesh) -> dict[str, int]:
    """How often each service found its loop later than `BLOCKED_S`, and so late by its own computing.

    The rest is what a busy machine did not give it.
    """
    async with httpx.AsyncClient(timeout=20) as http:
        texts = {name: (await http.get(f"{url}/metrics")).text for name, url in mesh.state["urls"].items()}
    late = {name: _late(text, "dragoman_loop_lag_seconds") for name, text in texts.items()}
    computing = {
        f"{name}{COMPUTING}": _late(text, "dragoman_loop_lag_work_seconds") for name, text in texts.items()
    }
    return late | computing


def _late(text: str, metric: str) -> int:
    buckets = dict(_buckets(text, metric))
    return round(buckets.get("+Inf", 0.0) - buckets.get(f"{BLOCKED_S}", 0.0))


def _buckets(text: str, metric: str) -> Iterator[tuple[str, float]]:
    for family in text_string_to_metric_families(text):
        if family.name == metric:
            for sample in family.samples:
                if sample.name.endswith("_bucket"):
                    yield sample.labels["le"], sample.value


async def settled(mesh: Mesh, patience_s: float = 60.0) -> float:
    """Wait until the account's work is over; how long it took (s)."""
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=20) as http:
        while time.monotonic() - began < patience_s:
            text = (await http.get(f"{mesh.edge}/metrics")).text
            if _sessions(text) == 0:
                break
            await asyncio.sleep(0.5)
    return time.monotonic() - began


def _sessions(text: str) -> float:
    families = text_string_to_metric_families(text)
    return sum(s.value for f in families if f.name == "dragoman_edge_sessions" for s in f.samples)
