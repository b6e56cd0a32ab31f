"""A peer's server as a process of its own, and what it uses."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from tests.bench.peers.venvs import PeerError

SERVERS = Path(__file__).parent / "servers"
READY_S = 90
STOP_S = 5


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and its process."""

    port: int
    pid: int


@contextmanager
def serving(python: Path, *words: str) -> Iterator[Server]:
    """`{port}` in the words is the port that it is to take; ready when that port is open.

    Raises:
        PeerError: it ended, or was not ready in time; with the end of what it said.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [str(python), "-P", *(word.replace("{port}", str(port)) for word in words)]
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=os.environ | offline
        )
        try:
            _await(process, port, log)
            yield Server(port, process.pid)
        finally:
            _end(process)


def _await(process: "subprocess.Popen[Any]", port: int, log: TextIO) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    log.seek(0)
    raise PeerError("the server is not ready: " + log.read()[-800:].strip())


def _end(process: "subprocess.Popen[Any]") -> None:
    """It and what it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
            return


async def settle(seconds: float = 1.0) -> None:
    """Let a server finish what it does at its start."""
    await asyncio.sleep(seconds)
