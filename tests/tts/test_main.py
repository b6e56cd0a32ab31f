"""The composition root: engines are loaded and warmed, or the start ends in one line."""

import asyncio
from typing import Any

import pytest

from dragoman_kit.settings import CommonSettings
from dragoman_tts import main as module
from dragoman_tts.engines import EngineError
from dragoman_tts.settings import TtsSettings
from tests.support.recording_bus import RecordingBus
from tests.tts.test_speech import Ramp


class Warmed(Ramp):
    warm_ups = 0

    def warm(self) -> None:
        self.warm_ups += 1


async def test_every_engine_is_warm_before_there_is_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = [Warmed(1), Warmed(1)]
    monkeypatch.setattr(module, "load_engines", lambda settings: engines)
    worker = await module.prepared(RecordingBus().bus, TtsSettings(), "7")
    assert [engine.warm_ups for engine in engines] == [1, 1] and worker.capabilities().build == "7"


async def test_an_engine_that_cannot_be_had_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(settings: TtsSettings) -> list[Any]:
        raise EngineError("'babel' is not installed")

    monkeypatch.setattr(module, "load_engines", refuse)
    with pytest.raises(SystemExit, match="dragoman-tts: 'babel' is not installed"):
        await module.prepared(RecordingBus().bus, TtsSettings(), "7")


def test_the_service_runs_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []

    async def serve(service: str, settings: Any, common: Any, prepare: Any, stop: asyncio.Event) -> None:
        async with prepare(RecordingBus().bus) as worker:
            served.append((service, settings.concurrency, type(worker).__name__))

    def run(service: str, common: CommonSettings, body: Any) -> None:
        served.append(service)
        asyncio.run(body(asyncio.Event()))

    monkeypatch.setattr(module, "load", lambda *_: (TtsSettings(concurrency=3), CommonSettings(), None))
    monkeypatch.setattr(module, "load_engines", lambda settings: [Ramp(1)])
    monkeypatch.setattr(module, "serve", serve)
    monkeypatch.setattr(module, "run", run)
    module.main()
    assert served == ["tts", ("tts", 3, "TtsWorker")]
