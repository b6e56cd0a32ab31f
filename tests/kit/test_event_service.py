"""The life of a service around its worker: ready when all is there, drained in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dragoman_kit import event_service
from dragoman_kit.bus import Bus
from dragoman_kit.event_service import serve
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings, ServiceSettings
from tests.kit.test_event_worker import Echo
from tests.support.http_server import WHYS, HttpServer
from tests.support.recording_bus import RecordingBus, until
from tests.support.waiting import WAIT_S


class Surroundings:
    """The bus and the HTTP port, and in what order they came and went."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bus = RecordingBus()
        self.steps: list[str] = []
        self.health: Health | None = None
        monkeypatch.setattr("dragoman_kit.event_service.buses.connect", self.connect)
        self.http = HttpServer(self.steps.append)
        self.http.patch(monkeypatch)
        monkeypatch.setattr(event_service, "ops_app", self.remember)

    def remember(self, health: Health) -> str:
        self.health = health
        return "app"

    async def connect(self, *_: Any) -> Bus:
        self.steps.append("connect")
        return self.bus.bus

    async def problems(self) -> set[str]:
        assert self.health is not None
        return set(await self.health.problems())


async def test_it_is_ready_when_its_engines_are_loaded_and_goes_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    around, loaded, stop = Surroundings(monkeypatch), asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def prepare(bus: Bus) -> AsyncIterator[Echo]:
        await loaded.wait()
        yield Echo(around.bus)
        around.steps.append("engines closed")

    running = asyncio.create_task(serve("translation", ServiceSettings(), CommonSettings(), prepare, stop))
    await until(lambda: around.steps == ["http", "connect"])
    assert await around.problems() == {"engine"}
    loaded.set()
    await until(around.bus.js.pull.asked.is_set)
    assert await around.problems() == set() and len(around.bus.nc.subscriptions) == 2
    stop.set()
    await running
    assert await around.problems() == {"drain"} and around.bus.nc.subscriptions == []
    assert around.steps[2:] == ["engines closed", "http stopped"] and around.bus.closed


@WHYS
async def test_a_server_that_stops_ends_the_service_in_order_with_an_error(
    monkeypatch: pytest.MonkeyPatch, why: Exception | None
) -> None:
    around = Surroundings(monkeypatch)

    @asynccontextmanager
    async def prepare(bus: Bus) -> AsyncIterator[Echo]:
        yield Echo(around.bus)
        around.steps.append("engines closed")

    running = asyncio.create_task(serve("tts", ServiceSettings(), CommonSettings(), prepare, asyncio.Event()))
    await until(around.bus.js.pull.asked.is_set)
    around.http.end(why)
    with pytest.raises(RuntimeError, match="HTTP server stopped") as stopped:
        await asyncio.wait_for(running, WAIT_S)
    assert stopped.value.__cause__ is why
    assert around.steps[2:] == ["engines closed", "http stopped"] and around.bus.closed


async def test_an_engine_that_cannot_be_had_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    around = Surroundings(monkeypatch)

    @asynccontextmanager
    async def prepare(bus: Bus) -> AsyncIterator[Echo]:
        raise SystemExit("no such engine")
        yield Echo(around.bus)

    with pytest.raises(SystemExit, match="no such engine"):
        await serve("tts", ServiceSettings(), CommonSettings(), prepare, asyncio.Event())


async def test_a_task_beside_the_work_that_fails_ends_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    around = Surroundings(monkeypatch)

    async def broken() -> None:
        await until(around.bus.js.pull.asked.is_set)
        raise ValueError("a bug")

    @asynccontextmanager
    async def prepare(bus: Bus) -> AsyncIterator[Echo]:
        async with asyncio.TaskGroup() as group:
            group.create_task(broken())
            yield Echo(around.bus)

    with pytest.raises(ExceptionGroup) as caught:
        await serve("tts", ServiceSettings(), CommonSettings(), prepare, asyncio.Event())
    assert caught.group_contains(ValueError)
