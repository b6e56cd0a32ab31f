"""The edge as a whole: it runs until it is told to stop, and ends with an error when a part of it stops."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dragoman_edge import main as edge_main
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.server import background
from dragoman_edge.server.background import StoppedError
from dragoman_edge.settings import EdgeSettings
from dragoman_kit import bus as bus_module
from dragoman_kit.settings import CommonSettings
from tests.support.fake_bus import FakeMesh
from tests.support.http_server import WHYS, HttpServer
from tests.support.waiting import WAIT_S


class RunningEdge:
    """`main.serve` over buses in memory."""

    def __init__(self, server: HttpServer, buses: list[FakeMesh]) -> None:
        self.server = server
        self.buses = buses
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(
            edge_main.serve(EdgeSettings(id="e_1"), CommonSettings(drain_s=0.01), self.stop)
        )

    async def ends(self) -> None:
        async with asyncio.timeout(WAIT_S):
            await self.task

    @property
    def closed(self) -> bool:
        return self.server.stopped and len(self.buses) == 2 and not any(bus.open for bus in self.buses)


@asynccontextmanager
async def running(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningEdge]:
    server, buses = HttpServer(), list[FakeMesh]()

    async def connect(*_: Any) -> Any:
        buses.append(FakeMesh())
        return buses[-1].bus

    monkeypatch.setattr(edge_main, "serve_http", server.serve)
    monkeypatch.setattr(edge_main, "stop_http", server.stop)
    monkeypatch.setattr(bus_module, "connect", connect)
    monkeypatch.setattr(background, "RESTART_S", 0.001)
    made = RunningEdge(server, buses)
    try:
        yield made
    finally:
        made.task.cancel()
        await asyncio.wait({made.task})


async def test_an_edge_that_is_told_to_stop_ends_without_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(monkeypatch) as edge:
        edge.stop.set()
        await edge.ends()
        assert edge.closed
        assert edge.server.options["ws_max_size"] == 16 << 20  # a bound on memory before anything is read


@WHYS
async def test_a_server_that_stops_ends_the_edge_with_an_error(
    monkeypatch: pytest.MonkeyPatch, why: Exception | None
) -> None:
    async with running(monkeypatch) as edge:
        edge.server.end(why)
        with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="HTTP server stopped")) as raised:
            await edge.ends()
        assert raised.value.exceptions[0].__cause__ is why
        assert edge.closed


async def test_a_background_task_that_never_runs_ends_the_edge_with_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(self: AdaptiveBatching) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(AdaptiveBatching, "run", broken)
    async with running(monkeypatch) as edge:
        with pytest.RaisesGroup(pytest.RaisesExc(StoppedError, match="gathering")):
            await edge.ends()
        assert edge.closed


async def test_main_serves_with_the_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []
    bodies: list[Any] = []

    async def serve(*arguments: Any) -> None:
        served.extend(arguments)

    monkeypatch.setenv("DRAGOMAN_EDGE_MAX_SESSIONS", "7")
    monkeypatch.setattr(edge_main, "_permit_sockets", lambda: None)
    monkeypatch.setattr(edge_main, "serve", serve)
    monkeypatch.setattr(edge_main, "run", lambda name, common, body: bodies.append((name, body)))
    edge_main.main()
    (name, body), stop = bodies[0], asyncio.Event()
    await body(stop)
    assert name == "edge" and served[0].max_sessions == 7 and served[2] is stop


def test_as_many_sockets_as_the_system_permits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1024, 500_000))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.append((kind, limits)))
    edge_main._permit_sockets()
    assert asked == [(resource.RLIMIT_NOFILE, (500_000, 500_000))]


def test_a_system_that_permits_no_more_sockets_is_borne(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(kind: int, limits: tuple[int, int]) -> None:
        raise OSError

    monkeypatch.setattr(resource, "setrlimit", refuse)
    edge_main._permit_sockets()
