"""What is measured, as processes of their own: a mesh with scripted engines or the echo, the bare relay."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dragoman_cli.load.delays import Delays
from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_cli.processes import Managed, start_nats, stop_all, wait_ready

START_WAIT_S = 20.0
SCRIPTED = {
    "DRAGOMAN_STT_ENGINE": "scripted",
    "DRAGOMAN_STT_VAD": "scripted",
    "DRAGOMAN_STT_TURNS": "",  # what it hears is no speech
    "DRAGOMAN_TRANSLATION_ENGINES": "scripted",
    "DRAGOMAN_TRANSLATION_WARM": "",
    "DRAGOMAN_TTS_ENGINES": "scripted",
}
PASSING = {
    "DRAGOMAN_STT_ENGINE": "passing",
    "DRAGOMAN_STT_VAD": "passing",
    "DRAGOMAN_STT_TURNS": "",
    "DRAGOMAN_TRANSLATION_ENGINES": "passing",
    "DRAGOMAN_TTS_ENGINES": "passing",
}
UNLIMITED = {  # the limits are those of the machine
    "DRAGOMAN_ACCOUNTS_TIERS_FILE": str(Path(__file__).with_name("tiers.yaml")),
    "DRAGOMAN_ACCOUNTS_BOOTSTRAP_TIER": "bench",
    "DRAGOMAN_EDGE_MAX_SESSIONS": "5000",
    "DRAGOMAN_STT_CAPACITY": "1000",
    "DRAGOMAN_STT_ACCOUNT_SHARE": "1",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where the speakers go, and the processes behind it."""

    url: str
    key: str
    pids: dict[str, list[int]]


@contextmanager
def mesh(replicas: dict[str, int] | None = None, **settings: str) -> Iterator[Mesh]:
    """A mesh with scripted engines unless the settings say otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        environment = SCRIPTED | UNLIMITED | settings
        options = MeshOptions(path / "mesh", port=0, replicas=replicas or {}, environment=environment)
        with running(options) as made:
            yield made


def target(made: Mesh) -> Target:
    """All processes by name."""
    pids = {name: list(pids) for name, pids in made.state()["pids"].items()}  # type: ignore[attr-defined]
    return Target(str(made.state()["edge"]), made.key, pids)


@dataclass
class Echo:
    """The running recogniser that answers at once."""

    process: Managed
    figures: Path

    async def take(self) -> Delays:
        """What it has measured since the last time."""
        self.figures.unlink(missing_ok=True)
        os.kill(self.process.pid, signal.SIGUSR1)
        deadline = time.monotonic() + START_WAIT_S
        while not self.figures.exists() and time.monotonic() < deadline:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.05)
        taken = Delays()
        taken.add(json.loads(self.figures.read_text()))
        return taken


@contextmanager
def echo_mesh(**settings: str) -> Iterator[tuple[Target, Echo]]:
    """A mesh whose only recogniser is the echo."""
    with mesh({"stt": 0}, **settings) as made:
        folder = made.options.folder
        port_file, figures = folder / "echo.port", folder / "echo.json"
        environment = os.environ | made.options.environment
        environment |= {
            "DRAGOMAN_NATS_URL": made.nats_url,
            "DRAGOMAN_STT_PORT_FILE": str(port_file),
            "DRAGOMAN_STT_PORT": "0",
            "ECHO_FILE": str(figures),
        }
        command = [sys.executable, "-m", "tests.bench.echo"]
        process = Managed("echo", command, folder / "echo.log", environment)
        process.start()
        try:
            url = f"http://127.0.0.1:{_port(process, port_file)}"
            wait_ready(process, url)
            known = target(made)
            yield Target(known.url, known.key, known.pids | {"stt": [process.pid]}), Echo(process, figures)
        finally:
            stop_all([process])


@contextmanager
def relay() -> Iterator[Target]:
    """The bare relay with a bus of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port_file = folder / "port"
        bus, nats_url = start_nats(folder / "nats")
        environment = os.environ | {"NATS_URL": nats_url, "PORT_FILE": str(port_file)}
        command = [sys.executable, "-m", "tests.bench.relay"]
        made = [
            Managed(part, [*command, part], folder / f"{part}.log", environment)
            for part in ("worker", "edge")
        ]
        for process in made:
            process.start()
        try:
            url = f"http://127.0.0.1:{_port(made[1], port_file)}"
            yield Target(url, "", {"edge": [made[1].pid], "stt": [made[0].pid], "nats-server": [bus.pid]})
        finally:
            stop_all([*made, bus])


def _port(process: Managed, file: Path) -> str:
    deadline = time.monotonic() + START_WAIT_S
    while not (file.exists() and file.read_text()):
        if not process.alive or time.monotonic() > deadline:
            raise RuntimeError(f"{process.name} did not start:\n{process.tail(10)}")
        time.sleep(0.05)
    return file.read_text().strip()
