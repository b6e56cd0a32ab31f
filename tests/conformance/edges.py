"""An edge in this process, beside those of a mesh: with settings and dialects of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from dragoman_cli.mesh import Mesh
from dragoman_edge.main import serve
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.settings import CommonSettings
from tests.support.waiting import WAIT_S


@dataclass
class Edge:
    """Where it is, and what makes it stop."""

    url: str
    stop: asyncio.Event


@asynccontextmanager
async def edge_here(made: Mesh, *, drain_s: float = 3, **settings: Any) -> AsyncIterator[Edge]:
    """Another edge of the mesh; it is stopped as by SIGTERM."""
    with TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        common = CommonSettings(nats_url=made.nats_url, drain_s=drain_s)
        stop = asyncio.Event()
        running = asyncio.create_task(serve(EdgeSettings(port_file=str(port_file), **settings), common, stop))
        async with asyncio.timeout(WAIT_S):
            while not (port_file.exists() and await ready(_url(port_file))):
                await asyncio.wait({running}, timeout=0.05)
                assert not running.done(), running.result()
        try:
            yield Edge(_url(port_file), stop)
        finally:
            stop.set()
            async with asyncio.timeout(WAIT_S):
                await running


def _url(port_file: Path) -> str:
    return f"http://127.0.0.1:{port_file.read_text().strip()}"


async def ready(url: str) -> bool:
    """Whether a service is."""
    with contextlib.suppress(httpx.HTTPError):
        async with httpx.AsyncClient(timeout=5) as http:
            return (await http.get(f"{url}/readyz")).status_code == 200
    return False
