"""Real Firefox Translations models in real processes."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_models.catalogue import Kind, Model, Quality
from dragoman_models.folder import manifest, write_manifest
from dragoman_translation.engines import bergamot_pool
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.bergamot import Bergamot
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration

# Own sentences, and words that their translation must have.
SENTENCES = {
    "en-pt": [
        ("The old bridge was closed because of the flood.", ["ponte", "fechad"]),
        ("My sister bought three red apples yesterday.", ["irmã", "três", "vermelhas", "ontem"]),
        ("Please send the invoice before Friday.", ["fatura", "sexta"]),
        ("The train to the airport leaves in ten minutes.", ["trem", "aeroporto", "dez minutos"]),
        ("Nobody knew where the children had hidden the key.", ["ninguém", "crianças", "chave"]),
    ],
    "pt-en": [
        ("A ponte velha foi fechada por causa da enchente.", ["bridge", "closed", "flood"]),
        ("Minha irmã comprou três maçãs vermelhas ontem.", ["sister", "three", "red apples", "yesterday"]),
        ("O médico disse que eu devia beber mais água.", ["doctor", "drink", "water"]),
        ("Amanhã vamos visitar os nossos avós no campo.", ["tomorrow", "visit", "grandparents"]),
        ("Ninguém sabia onde estava a chave do carro.", ["key", "car"]),
    ],
}  # fmt: skip


async def put(engine: Bergamot, text: str, source: str = "en", target: str = "pt") -> str:
    return await engine.translate(Job(text, source, target))


def pids(engine: Bergamot) -> list[int]:
    return [worker.process.pid for worker in engine._pool._workers if worker.process.pid is not None]


def loaded(engine: Bergamot) -> list[set[str]]:
    return [set(worker.loaded) for worker in engine._pool._workers if worker.loaded]


@pytest.mark.parametrize("pair", SENTENCES)
async def test_sentences_are_translated_whole_and_in_their_language(bergamot: Bergamot, pair: str) -> None:
    source, target = pair.split("-")
    said = SENTENCES[pair]
    text = await put(bergamot, " ".join(sentence for sentence, _ in said), source, target)
    places = [text.lower().find(word) for _, words in said for word in words[:1]]
    assert -1 not in places and places == sorted(places), text
    assert all(word in text.lower() for _, words in said for word in words), text


async def test_lines_and_what_has_no_words_stay(bergamot: Bergamot) -> None:
    text = await put(bergamot, "Monday.\n\n - one\r\n - two\n***\n😀 Hello!  Goodbye. 👍\n")
    shape = "".join(character for character in text if not (character.isalnum() or character == "-"))
    assert shape == ".\n\n  \r\n  \n***\n😀 !  . 👍\n", text


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "?!", "😀", "Привет, как дела?", "日本語のテキスト", "$1,234.56"]
)
async def test_what_cannot_be_translated_passes(bergamot: Bergamot, text: str) -> None:
    assert await put(bergamot, text) == text


async def test_control_characters_become_spaces(bergamot: Bergamot) -> None:
    assert (await put(bergamot, "\0\x01\x1b")).strip() == ""
    assert "\x01" not in await put(bergamot, "Good\x01morning\x02")


async def test_words_in_another_script_names_and_signs_are_kept(bergamot: Bergamot) -> None:
    text = await put(bergamot, "Dvořák wrote “Русалка” in Prague — and Łukasz paid €50 for it.")
    assert all(word in text for word in ("Dvořák", "Русалка", "Łukasz", "€50")), text


async def test_long_words_and_sentences_without_an_end_are_translated(bergamot: Bergamot) -> None:
    did = ["Anna bought a lamp", "Peter sold the boat", "the dog slept outside", "rain fell on the roof"]
    said = " and ".join(f"{did[n % 4]} at {n}" for n in range(100, 160))
    text = await put(bergamot, said + " " + "x" * 1200)
    assert [n for n in range(100, 160) if str(n) not in text] == []
    assert text.count("x") > 1000


async def test_answers_belong_to_their_texts(bergamot: Bergamot) -> None:
    jobs = [
        (f"Room {n} is closed." if n % 2 else f"A sala {n} está fechada.", n % 2, n)
        for n in range(1000, 1400)
    ]
    limit = asyncio.Semaphore(100)

    async def one(text: str, english: int) -> str:
        async with limit:
            return await put(bergamot, text, *(("en", "pt") if english else ("pt", "en")))

    answers = await asyncio.gather(*(one(text, english) for text, english, _ in jobs))
    wrong = [
        answer
        for answer, (_, english, n) in zip(answers, jobs, strict=True)
        if str(n) not in answer or ("fechad" if english else "closed") not in answer
    ]
    assert wrong == []


async def test_callers_that_give_up_do_not_shift_answers(bergamot: Bergamot) -> None:
    tasks = [asyncio.create_task(put(bergamot, f"House number {n} is white.")) for n in range(60)]
    await asyncio.sleep(0.3)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(str(n) in tasks[n].result() for n in range(1, 60, 2))


async def test_short_texts_are_answered_while_a_megabyte_is_translated(models_folder: Path) -> None:
    engine = Bergamot(models_folder, 1, 400_000_000)
    engine.pairs()
    text = "The house is white and the garden is green. " * 23_000
    long = asyncio.create_task(put(engine, text))
    for n in range(20):
        assert str(n) in await put(engine, f"Room {n} is closed.")
    assert not long.done()
    long.cancel()
    await asyncio.gather(long, return_exceptions=True)
    assert "fechad" in await put(engine, "The door is closed.")
    await engine.close()


async def test_a_process_that_dies_is_replaced_and_its_text_tried_again(bergamot: Bergamot) -> None:
    await bergamot.warm([Pair("en", "pt")])
    before = pids(bergamot)
    texts = [f"House number {n} is white." for n in range(40)]
    answers = asyncio.gather(*(put(bergamot, text) for text in texts))
    await asyncio.sleep(0.05)
    os.kill(before[0], signal.SIGKILL)
    assert all(str(n) in answer for n, answer in enumerate(await answers))
    assert before[0] not in pids(bergamot)


async def test_a_process_that_hangs_is_replaced(bergamot: Bergamot, monkeypatch: pytest.MonkeyPatch) -> None:
    await bergamot.warm([Pair("en", "pt")])
    monkeypatch.setattr(bergamot_pool, "SENTENCE_S", 3.0)
    hung = pids(bergamot)[0]
    os.kill(hung, signal.SIGSTOP)
    answers = await asyncio.gather(*(put(bergamot, f"House number {n} is white.") for n in range(20)))
    assert all(str(n) in answer for n, answer in enumerate(answers))
    assert hung not in pids(bergamot)
    assert not _runs(hung)


async def test_the_least_recently_used_model_goes_when_memory_is_short(models_folder: Path) -> None:
    engine = Bergamot(models_folder, 1, 50_000_000)
    engine.pairs()
    for _ in range(2):
        assert "fechad" in await put(engine, "The door is closed.")
        assert loaded(engine) == [{"translatelocally-en-pt"}]
        assert "closed" in await put(engine, "A porta está fechada.", "pt", "en")
        assert loaded(engine) == [{"translatelocally-pt-en"}]
    await engine.close()


async def test_a_pair_goes_to_the_process_that_has_it(bergamot: Bergamot) -> None:
    for _ in range(5):
        await put(bergamot, "The door is closed.")
        await put(bergamot, "A porta está fechada.", "pt", "en")
    assert sum(map(len, loaded(bergamot))) == 2


async def test_models_come_and_go_while_it_runs(models_folder: Path, tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    shutil.move(models_folder / "translatelocally-pt-en", aside)
    engine = Bergamot(models_folder, 1, 400_000_000)
    assert [(p.source, p.target) for p in engine.pairs()] == [("en", "pt")]
    await put(engine, "Hello.")
    shutil.move(aside, models_folder / "translatelocally-pt-en")
    shutil.rmtree(models_folder / "translatelocally-en-pt")
    # What is loaded goes on until the folder is looked at again.
    assert "fechad" in await put(engine, "The door is closed.")
    assert [(p.source, p.target) for p in engine.pairs()] == [("pt", "en")]
    with pytest.raises(PeerError):
        await put(engine, "Hello.")
    assert "closed" in await put(engine, "A porta está fechada.", "pt", "en")
    await engine.close()


def removed(folder: Path) -> None:
    shutil.rmtree(folder)


def truncated(folder: Path) -> None:
    data = (folder / "model.bin").read_bytes()
    (folder / "model.bin").unlink()
    (folder / "model.bin").write_bytes(data[: len(data) // 2])


def changed(folder: Path) -> None:
    data = bytearray((folder / "lex.bin").read_bytes())
    data[1000] ^= 1
    (folder / "lex.bin").unlink()
    (folder / "lex.bin").write_bytes(data)


@pytest.mark.parametrize("spoil", [removed, truncated, changed])
async def test_a_model_that_is_not_what_it_should_be_is_not_loaded_and_left_out(
    models_folder: Path, spoil: Callable[[Path], None]
) -> None:
    engine = Bergamot(models_folder, 1, 400_000_000)
    assert len(engine.pairs()) == 2
    spoil(models_folder / "translatelocally-en-pt")
    with pytest.raises(MeshError) as caught:
        await put(engine, "Hello.")
    assert caught.value.code is FaultCode.ENGINE_FAILED
    assert [(p.source, p.target) for p in engine.pairs()] == [("pt", "en")]
    assert "closed" in await put(engine, "A porta está fechada.", "pt", "en")
    await engine.close()


async def test_a_model_that_makes_the_library_panic_is_left_out(models_folder: Path) -> None:
    folder = models_folder / "own-en-pt"
    shutil.copytree(models_folder / "translatelocally-en-pt", folder)
    (folder / "lex.bin").write_bytes((folder / "lex.bin").read_bytes()[:1000])
    model = Model(
        "own-en-pt", Kind.TRANSLATOR, "bergamot", "MIT", directions=(("en", "pt"),),
        quality=(Quality("en", "pt", chrf=99),),
    )  # fmt: skip
    write_manifest(manifest(model, folder), folder)
    engine = Bergamot(models_folder, 1, 400_000_000)
    assert max(pair.quality for pair in engine.pairs()) == 99
    with pytest.raises(MeshError):
        await put(engine, "The door is closed.")
    before = pids(engine)
    assert max(pair.quality for pair in engine.pairs()) < 99
    assert "fechad" in await put(engine, "The door is closed.")
    assert pids(engine) == before
    await engine.close()


async def test_no_process_outlives_the_service(models_folder: Path) -> None:
    program = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from dragoman_translation.engines.bergamot import Bergamot\n"
        "async def main():\n"
        "    engine = Bergamot(Path(sys.argv[1]), 2, 400_000_000)\n"
        "    await engine.warm(engine.pairs())\n"
        "    print(*(worker.process.pid for worker in engine._pool._workers), flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(models_folder), stdout=asyncio.subprocess.PIPE
    )
    assert service.stdout is not None
    children = [int(pid) for pid in (await service.stdout.readline()).split()]
    assert len(children) == 2
    service.kill()
    await service.wait()
    async with asyncio.timeout(WAIT_S):
        while any(_runs(pid) for pid in children):  # noqa: ASYNC110  nothing tells of another's children
            await asyncio.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
