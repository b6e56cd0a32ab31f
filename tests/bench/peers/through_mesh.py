"""The recogniser behind the whole mesh: a client of the native API speaks, the worker's CPU is counted."""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from tests.bench.peers.heard import Heard
from tests.bench.peers.host import cpu_seconds, pace
from tests.bench.peers.read import BYTES_PER_S, Reading
from tests.conformance.native import FRAME, Talk, session

REST_S = 3.0  # after the last sample, for the last final


async def listen(edge: str, key: str, reading: Reading) -> Heard:
    """One client at real-time pace, transcripts only."""
    heard = Heard()
    async with session(edge, key, translate=False, speech=False, interim=True) as talking:
        started = time.monotonic()
        hearing = asyncio.create_task(_hear(talking, heard, started))
        for place in range(0, len(reading.pcm), FRAME):
            pcm = reading.pcm[place : place + FRAME]
            await pace(started, (place + len(pcm)) / BYTES_PER_S)
            await talking.socket.send(pcm)
        await asyncio.sleep(REST_S)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    return heard


async def _hear(talking: Talk, heard: Heard, started: float) -> None:
    settled: list[str] = []
    async for frame in talking.socket:
        message: dict[str, Any] = json.loads(frame)
        if message["type"] != "transcript":
            continue
        if message["final"]:
            settled.append(message["text"])
        loose = "" if message["final"] else message["text"]
        heard.note(time.monotonic() - started, " ".join(settled), loose)


def measure(reading: Reading) -> tuple[Heard, float]:
    """What the client saw, and CPU seconds of the recogniser's process for it."""
    with tempfile.TemporaryDirectory() as folder, running(MeshOptions(Path(folder), port=0)) as mesh:
        return _measure(mesh, reading)


def _measure(mesh: Mesh, reading: Reading) -> tuple[Heard, float]:
    state: Any = mesh.state()
    pid = state["pids"]["stt"][0]
    before = cpu_seconds(pid)
    heard = asyncio.run(listen(state["edge"], mesh.key, reading))
    return heard, cpu_seconds(pid) - before
