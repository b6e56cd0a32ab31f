"""Batches: several texts together, in turns, bounded, and a fault is only its own text's."""

import asyncio
from collections.abc import Hashable

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines.ctranslate2 import batches as module
from dragoman_translation.engines.ctranslate2.batches import Batches, Item


class Model:
    """Upper case; breaks at "evil", cannot say "unspeakable", waits while it is `held`."""

    def __init__(self) -> None:
        self.batches: list[tuple[Hashable, list[str]]] = []
        self.held: asyncio.Event | None = None
        self.began = asyncio.Event()

    async def run(self, model: Hashable, items: list[Item]) -> list[str | None]:
        texts = [item.text for item in items]
        self.batches.append((model, texts))
        self.began.set()
        if self.held:
            await self.held.wait()
        if "evil" in texts:
            raise MeshError(FaultCode.TIMEOUT)
        return [None if text == "unspeakable" else text.upper() for text in texts]


def items(*texts: str) -> list[Item]:
    return [Item(text) for text in texts]


async def test_texts_that_come_together_are_one_batch_and_each_gets_its_own() -> None:
    model = Model()
    made = Batches(model.run)
    said = await asyncio.gather(*(made.translate("m", items(f"a{n}", f"b{n}")) for n in range(3)))
    assert said == [[f"A{n}", f"B{n}"] for n in range(3)]
    assert model.batches == [("m", ["a0", "a1", "a2", "b0", "b1", "b2"])]
    await made.close()


async def test_a_long_text_does_not_keep_a_short_one_waiting() -> None:
    model = Model()
    made = Batches(model.run)
    long = asyncio.create_task(made.translate("m", items(*(f"long {n}" for n in range(200)))))
    await asyncio.sleep(0)
    assert await made.translate("m", items("short")) == ["SHORT"]
    assert "short" in model.batches[0][1] and not long.done()
    assert len(await long) == 200
    assert max(len(texts) for _, texts in model.batches) <= module.MOST_SENTENCES
    await made.close()


async def test_models_take_turns() -> None:
    model = Model()
    made = Batches(model.run)
    texts = [items(*(f"{n}" for n in range(40))), items(*(f"{n}" for n in range(40)))]
    await asyncio.gather(made.translate("one", texts[0]), made.translate("two", texts[1]))
    order = [name for name, _ in model.batches]
    assert order[:4] in (["one", "two", "one", "two"], ["two", "one", "two", "one"])
    await made.close()


async def test_a_batch_that_breaks_costs_only_the_text_that_broke_it() -> None:
    model = Model()
    made = Batches(model.run)
    texts = [items("a", "b"), items("c", "evil"), items("d")]
    said = await asyncio.gather(*(made.translate("m", text) for text in texts), return_exceptions=True)
    assert said[0] == ["A", "B"] and said[2] == ["D"]
    assert isinstance(said[1], MeshError) and said[1].code is FaultCode.TIMEOUT
    await made.close()


async def test_a_sentence_that_fails_is_told_and_the_others_are_translated() -> None:
    made = Batches(Model().run)
    texts = [items("a"), items("b", "unspeakable")]
    said = await asyncio.gather(*(made.translate("m", text) for text in texts), return_exceptions=True)
    assert said[0] == ["A"]
    assert isinstance(said[1], MeshError) and said[1].code is FaultCode.ENGINE_FAILED
    await made.close()


async def test_a_text_that_nobody_waits_for_gives_no_more_sentences() -> None:
    model = Model()
    model.held = asyncio.Event()
    made = Batches(model.run)
    gone = asyncio.create_task(made.translate("m", items(*(f"gone {n}" for n in range(100)))))
    await model.began.wait()
    gone.cancel()
    model.held.set()
    assert await made.translate("m", items("next")) == ["NEXT"]
    assert sum(len(texts) for _, texts in model.batches) <= module.MOST_SENTENCES + 1
    await made.close()


async def test_more_texts_than_may_wait_are_refused() -> None:
    model = Model()
    model.held = asyncio.Event()
    made = Batches(model.run)
    waiting = [asyncio.create_task(made.translate("m", items("a"))) for _ in range(module.MOST_TEXTS)]
    await asyncio.sleep(0)
    with pytest.raises(MeshError) as caught:
        await made.translate("m", items("one more"))
    assert caught.value.code is FaultCode.BUSY
    model.held.set()
    await asyncio.gather(*waiting)
    await made.close()


async def test_closing_tells_who_waits() -> None:
    model = Model()
    model.held = asyncio.Event()
    made = Batches(model.run)
    waiting = asyncio.create_task(made.translate("m", items("a")))
    await model.began.wait()
    await made.close()
    with pytest.raises(MeshError) as caught:
        await waiting
    assert caught.value.code is FaultCode.DRAINING


async def test_a_slow_model_gets_small_batches() -> None:
    pace = module._Pace()
    assert pace.most("m") == module.FIRST_CHARACTERS
    pace.learn("m", 100, 2.0)
    assert pace.most("m") == pytest.approx(50)
    for _ in range(20):
        pace.learn("m", 1000, 0.01)
    assert pace.most("m") == module.MOST_CHARACTERS
    assert await Batches(Model().run).translate("m", []) == []
