"""Firefox Translations models of a folder: which serves a direction, and what a model that fails costs."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_models.catalogue import Quality
from dragoman_models.folder import manifest, write_manifest
from dragoman_translation.engines import bergamot as module
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.bergamot import Bergamot
from dragoman_translation.engines.bergamot_pool import Unusable
from tests.models.conftest import model


class Pool:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.warmed: list[str] = []
        self.failure: Exception | None = None
        self.hangs = self.closed = False

    async def translate(self, name: str, version: str, text: str) -> str:
        self.said.append((name, text))
        if self.hangs:
            await asyncio.sleep(60)
        if self.failure:
            raise self.failure
        return text.upper()

    async def warm(self, name: str, version: str) -> None:
        self.warmed.append(name)
        if self.failure:
            raise self.failure

    async def close(self) -> None:
        self.closed = True


def install(folder: Path, name: str, directions: tuple[tuple[str, str], ...], chrf: float) -> None:
    place = folder / name
    place.mkdir(parents=True)
    (place / "model.bin").write_bytes(name.encode())
    quality = tuple(Quality(source, target, chrf) for source, target in directions)
    entry = model("file:///nowhere", name, directions=directions, quality=quality, files=())
    write_manifest(manifest(entry, place), place)


@pytest.fixture
def engine(tmp_path: Path) -> Bergamot:
    install(tmp_path, "small", (("en", "es"),), 50)
    install(tmp_path, "large", (("en", "es"), ("en", "ja"), ("ja", "en")), 60)
    made = Bergamot(tmp_path, 1, 10**9)
    made._pool = Pool()  # type: ignore[assignment]
    made.pairs()
    return made


def pool(engine: Bergamot) -> Any:
    return engine._pool


def test_the_best_model_serves_a_direction(engine: Bergamot) -> None:
    worth = {(pair.source, pair.target): pair.quality for pair in engine.pairs()}
    assert worth == {("en", "es"): 60, ("en", "ja"): 60, ("ja", "en"): 60}
    assert all(pair.cost_ms > 0 for pair in engine.pairs())


async def test_sentences_are_translated_and_lines_stay(engine: Bergamot) -> None:
    assert await engine.translate(Job("one two. three\nfour", "en", "es")) == "ONE TWO. THREE\nFOUR"
    assert {name for name, _ in pool(engine).said} == {"large"}


async def test_spaces_between_sentences_are_those_of_the_target(engine: Bergamot) -> None:
    assert await engine.translate(Job("one. two.", "en", "ja")) == "ONE.TWO."
    assert await engine.translate(Job("一。二。", "ja", "en")) == "一。 二。"


async def test_a_model_that_cannot_be_used_is_left_out_for_a_while(
    engine: Bergamot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool(engine).failure = Unusable("its sum is wrong")
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("one", "en", "es"))
    assert caught.value.code is FaultCode.ENGINE_FAILED
    with pytest.raises(PeerError):
        await engine.translate(Job("one", "en", "es"))
    assert {pair.quality for pair in engine.pairs()} == {50}  # the other one takes its place
    now = time.monotonic()
    monkeypatch.setattr("dragoman_translation.engines.bergamot.time.monotonic", lambda: now + 100)
    assert {pair.quality for pair in engine.pairs()} == {60}


async def test_a_text_that_takes_too_long_is_a_time_out(
    engine: Bergamot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TEXT_S", 0.005)
    pool(engine).hangs = True
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("one", "en", "es"))
    assert caught.value.code is FaultCode.TIMEOUT


async def test_warming_loads_what_there_is_and_goes_on_after_a_failure(engine: Bergamot) -> None:
    await engine.warm([Pair("en", "tlh"), Pair("en", "es")])
    assert pool(engine).warmed == ["large"]
    pool(engine).failure = Unusable("no")
    await engine.warm([Pair("en", "ja")])
    assert ("en", "ja") not in engine._models
    await engine.close()
    assert pool(engine).closed
