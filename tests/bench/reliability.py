"""What the failures cost: time to the next result after a kill, time to resume, memory of an idle session.

python -m tests.bench.reliability [--json FILE]
"""

import argparse
import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import words_to_pcm
from tests.bench.figures import Findings
from tests.bench.meshes import mesh
from tests.chaos.proxy import proxied
from tests.conformance.native import FRAME, PAUSE, Talk, session, talk

ROUNDS = 7
IDLE = (100, 300)
RATE_S = 0.1


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    with mesh({"stt": 2}) as made:
        _note(found, "recogniser killed: until the next result", asyncio.run(_rounds(made, _failover)))
        _note(found, "connection broken: until the session goes on", asyncio.run(_rounds(made, _resume)))
        found.add("idle session in the edge", "KB", asyncio.run(_idle(made)) / 1024)
    found.finish(options.json)


def _note(found: Findings, what: str, seconds: list[float]) -> None:
    print(what, *(f"{value:.2f}" for value in seconds), flush=True)
    for value in seconds:
        found.add(what, "s", value)
    found.add(f"{what}, worst", "s", max(seconds))


async def _rounds(made: Mesh, one: Callable[[Mesh], Awaitable[float]]) -> list[float]:
    return [await one(made) for _ in range(ROUNDS)]


def _edge(made: Mesh) -> str:
    return next(r.url for r in made.replicas if r.service == "edge")


async def _failover(made: Mesh) -> float:
    """A speaker without a pause; its recogniser is killed; until the first text after that."""
    pcm = words_to_pcm(list(range(1, 60)))
    async with session(_edge(made), made.key, speech=False, translate=False) as one:
        sender = asyncio.create_task(_play(one, pcm))
        await one.until("transcript")
        pid = await _busy(made)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        await asyncio.sleep(0.3)  # what was on its way
        one.messages.clear()
        while "recovering" not in [m.get("state") for m in one.of("status")]:
            await one.take()
        await one.until("transcript")
        took = time.monotonic() - killed
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    while any(r.process.pid == pid or not r.process.alive for r in made.replicas):
        made.watch()  # not in a thread: a child ends with the thread that started it
        await asyncio.sleep(0.1)
    for replica in made.replicas:
        replica.deaths = 0
        await asyncio.to_thread(made.ready, replica)
    return took


async def _busy(made: Mesh) -> int:
    """The process that has the only track."""
    async with httpx.AsyncClient() as http:
        for replica in [r for r in made.replicas if r.service == "stt"]:
            if "dragoman_stt_tracks 1.0" in (await http.get(f"{replica.url}/metrics")).text:
                return replica.process.pid
    raise RuntimeError("no recogniser has the track")


async def _play(talking: Talk, pcm: bytes) -> None:
    for start in range(0, len(pcm), FRAME):
        await talking.socket.send(pcm[start : start + FRAME])
        await asyncio.sleep(RATE_S)


async def _resume(made: Mesh) -> float:
    """Until `started` on a new connection after the old one broke."""
    async with proxied(_edge(made)) as proxy:
        async with talk(proxy.url, made.key) as one:
            await one.send(type="start", spoken="en", to=["es"], resume=True)
            token = (await one.until("started"))["resume"]["token"]
            await _play(one, PAUSE)
            proxy.cut()
            broken = time.monotonic()
        async with talk(proxy.url, made.key) as again:
            await again.send(type="resume", token=token, audio_from=0)
            await again.until("started")
            took = time.monotonic() - broken
            await again.send(type="end")
            await again.over()
    return took


async def _idle(made: Mesh) -> float:
    """Bytes that each further session adds to the edge."""
    pid = next(r.process.pid for r in made.replicas if r.service == "edge")
    held: list[tuple[int, int]] = []
    async with AsyncExitStack() as stack:
        count = 0
        for goal in IDLE:
            while count < goal:
                await stack.enter_async_context(session(_edge(made), made.key))
                count += 1
            await asyncio.sleep(5)
            held.append((count, _resident(pid)))
    (few, before), (many, after) = held
    return (after - before) / (many - few)


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    main()
