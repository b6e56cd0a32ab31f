"""The composition root: engines loaded, models fetched beside the work, pairs read again."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from dragoman_kit.settings import CommonSettings
from dragoman_models.settings import ModelsSettings
from dragoman_translation import main as module
from dragoman_translation.engines import EngineError
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.fetching import ModelFetching
from dragoman_translation.main import prepared, wanted_pairs
from dragoman_translation.settings import TranslationSettings
from dragoman_translation.worker import TranslationWorker
from tests.support.recording_bus import RecordingBus, until


class Engine:
    name = "one"
    heeds: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.known = [Pair("en", "es", 50)]
        self.warmed: list[Pair] = []
        self.asked = 0
        self.fails = False
        self.closed = False

    def pairs(self) -> list[Pair]:
        self.asked += 1
        if self.fails:
            raise OSError("a folder is gone")
        return list(self.known)

    async def warm(self, pairs: list[Pair]) -> None:
        self.warmed += pairs

    async def translate(self, job: Job) -> str:
        return job.text

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(module, "load_engines", lambda settings: {"one": made})
    monkeypatch.setattr(module, "REFRESH_S", 0.001)
    return made


def preparing(**settings: Any) -> AbstractAsyncContextManager[TranslationWorker]:
    models = ModelsSettings(fetch=settings.pop("fetch", False))
    return prepared(RecordingBus().bus, TranslationSettings(**settings), models, "7")


async def test_the_wanted_pairs_are_warm_and_engines_are_closed_at_the_end(engine: Engine) -> None:
    async with preparing(warm="en-es, nothing, en-tlh") as worker:
        assert [pair.target for pair in worker.capabilities().pairs] == ["es"]
        assert engine.warmed == [Pair("en", "es")] and not engine.closed
    assert engine.closed


async def test_pairs_are_read_again_and_what_cannot_be_read_keeps_what_is_known(engine: Engine) -> None:
    async with preparing(warm="") as worker:
        engine.known.append(Pair("en", "fr", 50))
        await until(lambda: len(worker.capabilities().pairs) == 2)
        engine.fails = True
        asked = engine.asked
        await until(lambda: engine.asked > asked + 2)
        assert len(worker.capabilities().pairs) == 2


async def test_models_of_the_wanted_pairs_are_fetched_only_where_that_is_allowed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[tuple[str, str]] = []
    monkeypatch.setattr(ModelFetching, "want", lambda self, *pair: wanted.append(pair))
    async with preparing(warm="en-es"):
        pass
    assert wanted == []
    async with preparing(warm="en-es", fetch=True):
        pass
    assert wanted == [("en", "es")]


async def test_an_engine_that_cannot_be_had_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(settings: TranslationSettings) -> dict[str, Any]:
        raise EngineError("'babel' is not installed")

    monkeypatch.setattr(module, "load_engines", refuse)
    with pytest.raises(SystemExit, match="dragoman-translation: 'babel' is not installed"):
        async with preparing():
            pass


def test_pairs_of_the_setting_may_have_regions() -> None:
    assert wanted_pairs("en-es, pt-BR-en ,x,,") == [("en", "es"), ("pt", "BR-en")]


def test_the_service_runs_under_its_name(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []

    async def serve(service: str, settings: Any, common: Any, prepare: Any, stop: asyncio.Event) -> None:
        async with prepare(RecordingBus().bus) as worker:
            served.append((service, type(worker).__name__))

    def run(service: str, common: CommonSettings, body: Any) -> None:
        served.append(service)
        asyncio.run(body(asyncio.Event()))

    settings = (TranslationSettings(warm=""), CommonSettings(), ModelsSettings(fetch=False))
    monkeypatch.setattr(module, "load", lambda *_: settings)
    monkeypatch.setattr(module, "serve", serve)
    monkeypatch.setattr(module, "run", run)
    module.main()
    assert served == ["translation", ("translation", "TranslationWorker")]
