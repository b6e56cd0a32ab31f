"""The composition root: ready when the model is loaded, drained when told, gone when the engine hangs."""

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from dragoman_models.errors import ModelError
from dragoman_scripted.engines import LoudnessActivity, ScriptedRecogniser
from dragoman_stt import engines
from dragoman_stt import main as module
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings
from tests.support.http_server import WHYS, HttpServer
from tests.support.recording_bus import RecordingBus, until
from tests.support.waiting import WAIT_S

COMMON = CommonSettings(drain_s=0)


class Around:
    """Bus and HTTP port in memory, scripted engines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bus = RecordingBus()
        self.health: Health | None = None
        self.steps: list[Any] = []

        async def connect(*_: Any) -> RecordingBus:
            return self.bus

        monkeypatch.setattr("dragoman_kit.bus.connect", connect)
        self.http = HttpServer(self.steps.append)
        self.http.patch(monkeypatch)
        monkeypatch.setattr(module, "ops_app", lambda health: setattr(self, "health", health))
        monkeypatch.setattr(engines, "recogniser", lambda settings: ScriptedRecogniser())
        monkeypatch.setattr(engines, "activity", lambda settings: LoudnessActivity())
        monkeypatch.setattr(engines, "suppressor", lambda settings: None)
        monkeypatch.setattr(os, "_exit", self.steps.append)

    async def problems(self) -> set[str]:
        assert self.health is not None
        return set(await self.health.problems())


@pytest.fixture
async def around(monkeypatch: pytest.MonkeyPatch) -> Around:
    return Around(monkeypatch)


async def test_it_is_ready_when_its_model_is_loaded_and_goes_when_told(around: Around) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(module._serve(SttSettings(), COMMON, stop))
    await until(lambda: len(around.bus.nc.subscriptions) > 3)
    assert await around.problems() == set()
    stop.set()
    await asyncio.wait_for(running, WAIT_S)
    assert (
        around.bus.closed
        and around.steps == ["http", "http stopped"]
        and await around.problems() == {"drain"}
    )


async def test_an_engine_that_hangs_ends_the_process(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scheduler, "stuck", property(lambda self: True))
    await asyncio.wait_for(module._serve(SttSettings(), COMMON, asyncio.Event()), WAIT_S)
    assert around.bus.closed and module.EXIT_STUCK in around.steps


@WHYS
async def test_a_server_that_stops_ends_the_service_in_order_with_an_error(
    around: Around, why: Exception | None
) -> None:
    running = asyncio.create_task(module._serve(SttSettings(), COMMON, asyncio.Event()))
    await until(lambda: len(around.bus.nc.subscriptions) > 3)
    around.http.end(why)
    with pytest.raises(RuntimeError, match="HTTP server stopped") as stopped:
        await asyncio.wait_for(running, WAIT_S)
    assert stopped.value.__cause__ is why and await around.problems() == {"drain"}
    assert around.bus.closed and around.steps == ["http", "http stopped"]


@pytest.mark.parametrize("failure", [engines.EngineError("no such engine"), ModelError("no such model")])
async def test_what_cannot_be_had_ends_the_start(
    around: Around, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(settings: SttSettings) -> Any:
        raise failure

    monkeypatch.setattr(engines, "recogniser", fail)
    with pytest.raises(SystemExit, match="dragoman-stt: no such"):
        await module._serve(SttSettings(), COMMON, asyncio.Event())
    assert await around.problems() == {"engine"}


def test_the_service_runs_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []

    async def serve(*of: Any) -> None:
        served.append(of[0].engine)

    def run(service: str, common: Any, body: Any) -> None:
        served.append(service)
        asyncio.run(body(asyncio.Event()))

    monkeypatch.setattr(module, "load", lambda *_: (SimpleNamespace(engine="e"), COMMON, None))
    monkeypatch.setattr(module, "_serve", serve)
    monkeypatch.setattr(module, "run", run)
    module.main()
    assert served == ["stt", "e"]
