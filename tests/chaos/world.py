"""A mesh with one replica of each service, whose connections, data, disk and clocks may fail."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from redis.asyncio import Redis

from dragoman_cli.mesh import Mesh
from dragoman_cli.mesh_options import SERVICES
from dragoman_cli.processes import StartError, free_port
from tests.chaos.faults import Fault
from tests.chaos.harness import Plan, mesh
from tests.chaos.proxy import Proxy, proxied

DISK_BYTES = 256 << 20  # far above what a hundred sessions leave on the bus in ten minutes
LIVENESS_S, LIVENESS_TRIES = 2.0, 3  # of the bus' probe


@dataclass(slots=True)
class World:
    """A mesh, and everything of it that may break."""

    made: Mesh
    ways: dict[str, Proxy]
    disk: Path | None  # where the bus keeps its data, if that is a disk of its own
    monitor: str  # the bus' HTTP port
    restarts: int = 0

    async def apply(self, fault: Fault) -> None:
        """Let it happen, and wait until it is over."""
        match fault.kind:
            case "cut":
                await self.ways[fault.victim].cut_for(fault.seconds)
            case "hold":
                await self.ways[fault.victim].hold(fault.seconds)
            case "clock":
                await self._stop(self.pid(fault.victim), fault.seconds)
            case "full":
                await self._fill(fault.seconds)
            case "empty" if fault.victim == "bus":
                await asyncio.to_thread(self.made.restart_bus, before=empty_streams)
            case "empty":
                await self.empty_store()

    def pid(self, victim: str) -> int:
        """The process of a service, of the bus or of the store."""
        pids = self.made.state()["pids"]
        assert isinstance(pids, dict)
        name = {"bus": "nats-server", "store": "valkey"}.get(victim, victim)
        return int(pids[name][0])

    async def empty_store(self) -> None:
        """Take every key."""
        async with Redis.from_url(self.made.redis_url) as store:
            await store.flushall()

    @staticmethod
    async def _stop(pid: int, seconds: float) -> None:
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    async def _fill(self, seconds: float) -> None:
        assert self.disk is not None
        ballast = self.disk / "ballast"
        await asyncio.to_thread(fill, ballast)
        await asyncio.sleep(seconds)
        ballast.unlink()

    async def watch(self) -> None:
        """What a cluster does: processes that end are started again, and a bus whose probe fails."""
        failed = 0
        while True:
            await asyncio.sleep(LIVENESS_S)
            await asyncio.to_thread(self.made.watch)
            healthy = await asyncio.to_thread(answers, f"{self.monitor}/healthz")
            failed = 0 if healthy else failed + 1
            if failed >= LIVENESS_TRIES:
                failed, self.restarts = 0, self.restarts + 1
                with contextlib.suppress(StartError):  # tried again, as by a cluster
                    await asyncio.to_thread(self.made.restart_bus)


def fill(ballast: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()


def answers(url: str) -> bool:
    """Whether it says yes; one that says nothing in time is not told from one that does."""
    try:
        with urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False
    except (URLError, OSError):
        return True  # stopped, or about to start again by itself


def empty_streams(folder: Path) -> None:
    """Take what the bus keeps."""
    for store in (folder / "jetstream").iterdir():  # it may be a disk of its own
        if store.is_dir():
            shutil.rmtree(store)


@asynccontextmanager
async def alone(disk: bool = False) -> AsyncIterator[World]:
    """A mesh with one replica of each service, whose connections all go through proxies.

    `disk`: the bus' data is on a small one of its own, which takes the right to mount.
    """
    nats_port, redis_port, monitor = free_port(), free_port(), free_port()
    async with AsyncExitStack() as stack:
        bus = {name: await stack.enter_async_context(proxied(f"127.0.0.1:{nats_port}")) for name in SERVICES}
        store = await stack.enter_async_context(proxied(f"127.0.0.1:{redis_port}"))
        settings = {
            name: {"DRAGOMAN_NATS_URL": way.url.replace("http:", "nats:", 1)} for name, way in bus.items()
        }
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        plan = Plan(
            replicas={},
            folder=folder,
            nats_port=nats_port,
            redis_port=redis_port,
            store_port=int(store.url.rpartition(":")[2]),
            of_service=settings,
            nats_monitor=monitor,
        )
        place = stack.enter_context(_small_disk(folder / "nats" / "jetstream")) if disk else None
        running = mesh(plan)
        made, _ = await asyncio.to_thread(running.__enter__)
        stack.push_async_callback(asyncio.to_thread, running.__exit__, None, None, None)
        edge = next(replica.url for replica in made.replicas if replica.service == "edge")
        ways = {f"{name} - bus": way for name, way in bus.items()} | {"accounts - store": store}
        ways["clients - edge"] = await stack.enter_async_context(proxied(edge))
        yield World(made, ways, place, f"http://127.0.0.1:{monitor}")


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def may_mount() -> bool:
    """Whether this user may make a disk."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with _small_disk(Path(folder) / "disk"):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False
