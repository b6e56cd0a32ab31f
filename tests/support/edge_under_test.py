"""An edge with a fake bus behind a real port, and a client that reads everything up to the close."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_contract.errors import DragomanError
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.dialects.api import Dialect
from dragoman_edge.model.commands import Frame
from dragoman_edge.model.http import Handshake
from dragoman_edge.server.app import Http
from dragoman_edge.server.gateway import Gateway
from dragoman_kit.ops import Health
from tests.support.dialect_clients import OPENINGS
from tests.support.factories import WINDOW_S, edge_context
from tests.support.fake_bus import FakeMesh
from tests.support.sockets import served
from tests.support.waiting import WAIT_S


@dataclass
class Watched:
    """A dialect whose conversations may be broken, and what they were made to say of errors."""

    inner: Dialect
    broken: Callable[[Any], None] = lambda conversation: None
    refused: list[tuple[DragomanError, list[Frame], int]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def converse(self, handshake: Handshake) -> Any:
        made: Any = self.inner.converse(handshake)
        refuse = made.refuse

        def remembered(error: DragomanError, now_ms: int) -> list[Frame]:
            frames: list[Frame] = refuse(error, now_ms)
            self.refused.append((error, frames, made.close_code(error)))
            return frames

        made.refuse = remembered
        self.broken(made)
        return made


@dataclass
class Edge:
    """It runs; `mesh` is what it talks to."""

    mesh: FakeMesh
    gateway: Gateway
    url: str


@asynccontextmanager
async def edge(
    mesh: FakeMesh, dialects: dict[str, Dialect] | None = None, **settings: Any
) -> AsyncIterator[Edge]:
    """Serve; nothing of it is left behind."""
    made = edge_context(mesh, **settings)
    app = Http(DIALECTS if dialects is None else dialects, Health("edge", "test"), "", 20)
    gateway = Gateway(made)
    app.connect(made, Viewers(made.bus, made.broadcasts, made.settings, made.edge_id, WINDOW_S), gateway)
    carrying = asyncio.create_task(made.carrier.run())
    try:
        async with served("ours", app.app) as running:  # type: ignore[arg-type]
            yield Edge(mesh, gateway, running.url.rstrip("/"))
    finally:
        mesh.fall_silent()
        carrying.cancel()


@asynccontextmanager
async def client(edge: Edge, dialect: str) -> AsyncIterator[ClientConnection]:
    """A socket of the dialect whose first message is sent."""
    opening = OPENINGS[dialect]
    async with connect(
        edge.url + opening.path,
        additional_headers=opening.headers,
        subprotocols=list(opening.subprotocols) or None,  # type: ignore[arg-type]
        max_size=None,
    ) as socket:
        for message in opening.first:
            await socket.send(message)
        yield socket


async def rest(socket: ClientConnection) -> tuple[list[Frame], int]:
    """Everything up to the close, and its code; 1006 when there was none."""
    heard: list[Frame] = []
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                heard.append(await socket.recv())
    except ConnectionClosed as exc:
        return heard, exc.rcvd.code if exc.rcvd is not None else 1006


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that has no event."""
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
