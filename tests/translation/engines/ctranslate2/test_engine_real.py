"""The CTranslate2 engine on small models of every family: real files, a real process, real inference."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.ctranslate2 import engine as module
from dragoman_translation.engines.ctranslate2.engine import CTranslate2
from tests.translation import copying

pytestmark = pytest.mark.integration

MB = 1_000_000
SAID = "the house is white. Dr. Smith comes at 5 p.m. today!"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has other work loads models slowly."""
    monkeypatch.setattr(module, "TIMEOUT_S", 120.0)
    monkeypatch.setattr(module, "BATCH_S", 60.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model of each family."""
    base = tmp_path_factory.mktemp("models")
    copying.opus(base / "en-es")
    copying.opus(base / "en-roa", [">>fra<<", ">>ron<<"])
    copying.opus(base / "en-de", endless=True)
    copying.multilingual(base / "nllb", ["eng_Latn", "por_Latn", "zho_Hans", "zho_Hant", "srp_Cyrl"])
    copying.multilingual(base / "m2m", ["__en__", "__it__", "__ns__"])
    copying.multilingual(base / "madlad", ["<2en>", "<2ja>", "<2iw>"], "spiece.model", ahead=1)
    copying.argos(base / "argos", "en", "ca")
    copying.argos(base / "packed", "ca", "en")
    copying.packed(base / "packed", base / "ca_en.argosmodel")
    shutil.rmtree(base / "packed")
    return base


@pytest.fixture
async def engine(made: Path) -> AsyncIterator[CTranslate2]:
    opened = CTranslate2(str(made))
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("en", "es", SAID),  # OPUS-MT
        ("en", "fr", SAID),  # OPUS-MT of several languages
        ("en", "pt", SAID),  # NLLB
        (
            "pt-BR",
            "zh-TW",
            "the house is white.Dr. Smith comes at 5 p.m. today!",
        ),  # NLLB; Chinese has no spaces
        ("it", "nso", SAID),  # M2M-100
        ("en", "he", SAID),  # MADLAD
        ("en-GB", "ca", SAID),  # Argos, unpacked
        ("ca", "en", SAID),  # Argos, as it came
    ],
)
async def test_a_text_goes_through_the_model_of_its_pair(
    engine: CTranslate2, source: str, target: str, said: str
) -> None:
    assert await engine.translate(Job(SAID, source, target)) == said


async def test_paragraphs_unknown_letters_and_bare_signs_are_kept(engine: CTranslate2) -> None:
    text = "One two.\n\nThree 😀 four.\nfive\n12.5 %\n— … !"
    assert await engine.translate(Job(text, "en", "es")) == text


async def test_texts_of_several_sessions_are_one_batch(
    engine: CTranslate2, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.warm([Pair("en", "pt"), Pair("en", "es")])
    asked: list[dict[str, Any]] = []
    ask = engine._process.ask

    async def spy(question: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        asked.append(question)
        return await ask(question, timeout_s)

    monkeypatch.setattr(engine._process, "ask", spy)
    jobs = [Job(f"the house number {n}", "en" if n % 2 else "pt", "zh-Hans") for n in range(6)]
    said = await asyncio.gather(*(engine.translate(job) for job in jobs))
    assert said == [job.text for job in jobs]
    assert [len(question["sentences"]) for question in asked] == [6]


@pytest.mark.parametrize(
    "text",
    [
        "the house is white and the child sees the dog " * 40,  # no full stop
        "abcdefghij" * 60,  # one word
        "no no no no no no no no no no",  # really said so often
        "one, two; three: " * 50,
    ],
)
async def test_a_sentence_longer_than_the_model_takes_is_whole(engine: CTranslate2, text: str) -> None:
    said = await engine.translate(Job(text, "en", "es"))
    assert said.replace(" ", "") == text.replace(" ", "")


async def test_what_never_ends_is_a_failure_and_no_cut_text(engine: CTranslate2) -> None:
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("the house is white", "en", "de"))
    assert caught.value.code is FaultCode.ENGINE_FAILED


async def test_when_the_best_model_fails_the_next_is_tried(tmp_path: Path) -> None:
    copying.opus(tmp_path / "en-de", endless=True)
    copying.multilingual(tmp_path / "nllb", ["eng_Latn", "deu_Latn"])
    both = CTranslate2(str(tmp_path))
    assert await both.translate(Job("the house", "en", "de")) == "the house"
    await both.close()


async def test_hostile_texts_are_told_or_translated(engine: CTranslate2) -> None:
    with pytest.raises(PeerError) as caught:
        await engine.translate(Job("the house is white. " * 50_000, "en", "es"))
    assert caught.value.code is FaultCode.TOO_LARGE
    said = {
        text: await engine.translate(Job(text, "en", "es")) for text in ("", " \n ", "\x00\x07\x1b", "?!…")
    }
    assert list(said.values()) == ["", "", "", "?!…"]
    assert await engine.translate(Job("one\x00two\u2028three", "en", "es")) == "one two three"
    other = "Ошибка परीक्षण ทดสอบ"
    try:
        assert await engine.translate(Job(other, "en", "es"))
    except MeshError as exc:
        assert exc.code is FaultCode.ENGINE_FAILED
    assert await engine.translate(Job("the house", "en", "es")) == "the house"


async def test_a_model_that_is_removed_while_in_use_goes_on(tmp_path: Path, made: Path) -> None:
    for name in ("en-es", "nllb"):
        shutil.copytree(made / name, tmp_path / name)
    opened = CTranslate2(str(tmp_path))
    assert await opened.translate(Job("one two", "en", "es")) == "one two"
    shutil.rmtree(tmp_path / "en-es")
    shutil.rmtree(tmp_path / "nllb")
    assert await opened.translate(Job("three four", "en", "es")) == "three four"
    with pytest.raises(MeshError) as caught:
        await opened.translate(Job("one two", "en", "pt"))  # was never loaded
    assert caught.value.code is FaultCode.ENGINE_FAILED
    assert await opened.translate(Job("five six", "en", "es")) == "five six"
    await opened.close()


async def test_a_process_that_dies_is_replaced(engine: CTranslate2) -> None:
    await engine.translate(Job("one two", "en", "es"))
    process = engine._process._process
    assert process is not None
    process.kill()
    await process.wait()
    assert await engine.translate(Job("three four", "en", "es")) == "three four"


async def test_least_recently_used_models_go_when_the_memory_is_full(made: Path, tmp_path: Path) -> None:
    for name in ("en-es", "nllb", "m2m"):
        shutil.copytree(made / name, tmp_path / name)
    opened = CTranslate2(str(tmp_path), memory=10 * MB)  # two of them
    for target in ("es", "pt", "es", "it"):
        await opened.translate(Job("one two", "en", target))
    assert {Path(path).name for path in opened._loaded} == {"en-es", "m2m"}
    await opened.close()


async def test_numbers_of_the_device_are_used(made: Path) -> None:
    quick = CTranslate2(str(made), compute_type="auto")
    assert await quick.translate(Job("the house", "en", "es")) == "the house"
    await quick.close()


async def test_a_model_larger_than_the_memory_is_not_offered(made: Path) -> None:
    assert CTranslate2(str(made), memory=1 * MB).pairs() == []


async def test_a_text_that_hangs_the_process_costs_only_itself(
    engine: CTranslate2, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch of three, of which one hangs: the process is replaced, the other two are translated."""
    await engine.warm([Pair("en", "es")])
    ask = engine._process.ask

    async def stuck(question: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        if any(text.startswith("evil") for text, *_ in question.get("sentences", [])):
            await engine._process.close()
            raise MeshError(FaultCode.TIMEOUT)
        return await ask(question, timeout_s)

    monkeypatch.setattr(engine._process, "ask", stuck)
    jobs = [Job(text, "en", "es") for text in ("one two", "evil", "three four")]
    said = await asyncio.gather(*(engine.translate(job) for job in jobs), return_exceptions=True)
    assert said[0] == "one two" and said[2] == "three four"
    assert isinstance(said[1], MeshError)


async def test_a_text_takes_no_longer_than_its_time(
    engine: CTranslate2, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> dict[str, Any]:
        return await asyncio.Future()

    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    monkeypatch.setattr(engine._process, "ask", never)
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("one", "en", "es"))
    assert caught.value.code is FaultCode.TIMEOUT


async def test_a_pair_without_a_model_is_unsupported(engine: CTranslate2) -> None:
    for source, target in (("en", "tlh"), ("xx", "es"), ("sr", "sr-Latn"), ("en", "en")):
        with pytest.raises(PeerError):
            await engine.translate(Job("hello", source, target))


async def test_the_best_model_of_a_pair_is_offered(engine: CTranslate2) -> None:
    pairs = {(pair.source, pair.target): pair for pair in engine.pairs()}
    assert {("en", "es"), ("en", "ro"), ("zh-Hant", "sr-Cyrl"), ("ja", "he"), ("ca", "en")} <= set(pairs)
    assert pairs["en", "es"].cost_ms < pairs["en", "pt"].cost_ms < pairs["en", "he"].cost_ms
    assert all(0 < pair.quality < 100 for pair in pairs.values())
    assert len(pairs) == len(engine.pairs())
