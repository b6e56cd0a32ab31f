"""The engine over a process of this test: which model serves, what fails over, what is bounded."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.ctranslate2 import engine as module
from dragoman_translation.engines.ctranslate2.engine import MOST_CHARACTERS, CTranslate2
from tests.translation.engines.ctranslate2.test_models import NLLB, argos, plain
from tests.translation.engines.fake_process import FakeProcess


class Child:
    """Shouts; models whose name is in `broken` fail."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.broken: set[str] = set()

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        path = question["model"]["path"]
        if Path(path).name in self.broken:
            raise MeshError(FaultCode.ENGINE_FAILED, "the model cannot be loaded (OSError)")
        if path not in self.loaded:
            self.loaded.append(path)
        return {"texts": [one[0].upper() for one in question.get("sentences", [])], "models": self.loaded}


@pytest.fixture
def child() -> Child:
    return Child()


@pytest.fixture
def engine(tmp_path: Path, child: Child) -> CTranslate2:
    plain(tmp_path, "en-es", ["a"])
    plain(tmp_path, "many", ["a", *NLLB])
    argos(tmp_path, "en", "ca")
    made = CTranslate2(str(tmp_path))
    made._process = FakeProcess(child.answer)  # type: ignore[assignment]
    return made


def process(engine: CTranslate2) -> Any:
    return engine._process


def test_the_best_model_serves_a_pair_and_unchanged_models_give_the_same_list(engine: CTranslate2) -> None:
    pairs = {(pair.source, pair.target): pair for pair in engine.pairs()}
    assert {("en", "es"), ("en", "ca"), ("pt", "en")} <= set(pairs)
    assert engine.pairs() is engine.pairs()


async def test_a_text_goes_by_sentences_with_the_tokens_of_its_languages(engine: CTranslate2) -> None:
    assert await engine.translate(Job("One. Two.\nthree", "en", "pt-BR")) == "ONE. TWO.\nTHREE"
    question = process(engine).asked[-1]
    assert question["sentences"][0][:3] == ["One.", "eng_Latn", "por_Latn"]
    assert question["model"]["family"] == "nllb" and question["model"]["checked"] is False


async def test_a_model_is_loaded_before_its_first_batch_and_not_again(engine: CTranslate2) -> None:
    await engine.warm([Pair("en", "es"), Pair("en", "es")])
    assert len(process(engine).asked) == 1
    await engine.translate(Job("One.", "en", "es"))
    assert [("sentences" in question) for question in process(engine).asked] == [False, True]


async def test_the_next_model_serves_when_the_best_fails(engine: CTranslate2, child: Child) -> None:
    best = engine._serving("en", "es")[0].path.name
    child.broken.add(best)
    assert await engine.translate(Job("One.", "en", "es")) == "ONE."
    child.broken.update({"en-es", "many"})
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("Two.", "en", "es"))
    assert caught.value.code is FaultCode.ENGINE_FAILED
    await engine.warm([Pair("en", "es")])  # told, and nothing more


async def test_what_cannot_be_is_the_peers_fault(engine: CTranslate2) -> None:
    for job in (Job("a", "en", "tlh"), Job("x" * (MOST_CHARACTERS + 1), "en", "es")):
        with pytest.raises(PeerError):
            await engine.translate(job)


async def test_a_text_that_takes_too_long_is_a_time_out(
    engine: CTranslate2, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.01)
    process(engine).wait = asyncio.Event()
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("One.", "en", "es"))
    assert caught.value.code is FaultCode.TIMEOUT
    process(engine).wait.set()
    await engine.close()
    assert process(engine).closed


async def test_a_batch_is_of_a_model(engine: CTranslate2) -> None:
    with pytest.raises(TypeError):
        await engine._run("no model", [])
