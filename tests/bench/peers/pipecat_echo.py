"""How many sessions a Pipecat pipeline carries: python -m tests.bench.peers.pipecat_echo

Each client sends a frame of 20 ms when it is due, whatever came back; latency counts from when it was due.
"""

import argparse
import asyncio
import statistics
import struct
import time
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from tests.bench.figures import Findings
from tests.bench.peers.host import cpu_seconds, pace, resident
from tests.bench.peers.serving import Server, serving, settle
from tests.bench.peers.venvs import PIPECAT, python_of

FRAME_S, FRAME_BYTES = 0.02, 640
STAMP = struct.Struct("<d")
BOUND_MS = 100.0
WARM_S = 2.0
SERVER = Path(__file__).parent / "servers" / "pipecat_echo.py"


class Speaker:
    """One session: connect, send frames, receive them; a frame begins with the time at which it was due."""

    def __init__(self) -> None:
        self.delays: list[tuple[float, float]] = []  # when it came, how long it took
        self.sent = 0

    async def run(self, url: str, started: float, seconds: float) -> None:
        """Speak, and listen for a moment longer."""
        async with connect(url, compression=None, max_size=None) as socket:
            listening = asyncio.create_task(self._listen(socket))
            await self._send(socket, started, seconds)
            await asyncio.sleep(0.5)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _send(self, socket: ClientConnection, started: float, seconds: float) -> None:
        for number in range(int(seconds / FRAME_S)):
            due = started + number * FRAME_S
            await pace(started, number * FRAME_S)
            await socket.send(STAMP.pack(due) + bytes([1]) * (FRAME_BYTES - STAMP.size))
            self.sent += 1

    async def _listen(self, socket: ClientConnection) -> None:
        async for frame in socket:
            if isinstance(frame, bytes) and len(frame) >= STAMP.size:
                now = time.monotonic()
                self.delays.append((now, now - STAMP.unpack_from(frame)[0]))


async def crowd(server: Server, sessions: int, seconds: float) -> tuple[float, float, float]:
    """p99 in ms, CPU µs a frame, and how many frames came back of those that were sent."""
    started = time.monotonic() + 1.0
    speakers = [Speaker() for _ in range(sessions)]
    url = f"ws://127.0.0.1:{server.port}/"
    running = asyncio.gather(
        *(s.run(url, started + FRAME_S * n / sessions, seconds) for n, s in enumerate(speakers))
    )
    await pace(started, WARM_S)
    before = cpu_seconds(server.pid)
    await pace(started, seconds)
    spent = cpu_seconds(server.pid) - before
    await running
    kept = [took for s in speakers for at, took in s.delays if at > started + WARM_S]
    arrived = sum(len(s.delays) for s in speakers) / max(1, sum(s.sent for s in speakers))
    p99 = statistics.quantiles(kept, n=100)[98] * 1000 if len(kept) > 1 else float("inf")
    return p99, spent * 1e6 / max(1, len(kept)), arrived


async def idle(server: Server, sessions: int) -> float:
    """Bytes that each open session adds."""
    url = f"ws://127.0.0.1:{server.port}/"
    before = resident(server.pid)
    sockets = [await connect(url, compression=None) for _ in range(sessions)]
    await settle(2.0)
    added = resident(server.pid) - before
    for socket in sockets:
        await socket.close()
    return added / sessions


async def measure(found: Findings, options: argparse.Namespace, server: Server) -> None:
    """More and more sessions until the bound is passed."""
    found.add("memory of a session", "MB", await idle(server, 20) / 1e6)
    await crowd(server, 5, WARM_S + 1.0)  # what is loaded at the first frame
    carried, reached = 0, False
    for sessions in options.sessions:
        p99, cost, arrived = await crowd(server, sessions, options.seconds)
        if p99 > BOUND_MS:  # once more: it may have been the machine
            p99, cost, arrived = await crowd(server, sessions, options.seconds)
        found.add(f"{sessions} sessions: p99 of a frame", "ms", p99)
        found.add(f"{sessions} sessions: CPU of a frame", "µs", cost)
        found.add(f"{sessions} sessions: frames that came back", "%", 100 * arrived)
        if p99 > BOUND_MS or arrived < 0.98:
            reached = True
            break
        carried = sessions
    more = "" if reached else ", or more: the bound was not reached"
    found.add(f"sessions with p99 within {BOUND_MS:.0f} ms{more}", "sessions", carried)


def main() -> None:
    """Print a table, and JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--sessions", type=int, nargs="*", default=[20, 30, 40, 50, 60, 70, 80, 100])
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    found = Findings()
    python = python_of(PIPECAT)
    for _ in range(options.rounds):
        with serving(python, str(SERVER), "{port}") as server:
            asyncio.run(measure(found, options, server))
    found.show()
    found.write(options.json)


if __name__ == "__main__":
    main()
