"""A pool of processes: who gets a sentence, what is tried again, what is refused."""

import asyncio
from typing import Any, cast

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines import bergamot_pool as module
from dragoman_translation.engines.bergamot_pool import Pool, Unusable
from dragoman_translation.engines.process import Process
from tests.translation.engines.fake_process import FakeProcess


def answer(question: dict[str, Any]) -> dict[str, Any]:
    if question["model"] == "broken":
        return {"unusable": "its sum is wrong", "loaded": {}}
    return {"text": question["text"].upper(), "loaded": {question["model"]: 100}}


class Made:
    """A pool and its processes."""

    def __init__(self, count: int) -> None:
        self.processes: list[FakeProcess] = []
        self.pool = Pool(self.make, count)

    def make(self) -> Process:
        self.processes.append(FakeProcess(answer))
        return cast(Process, self.processes[-1])

    async def say(self, text: str, model: str = "m") -> str:
        return await self.pool.translate(model, "1", text)


async def test_sentences_of_a_model_stay_with_the_process_that_has_it() -> None:
    made = Made(2)
    assert [await made.say(text) for text in ("a", "b", "c")] == ["A", "B", "C"]
    assert [len(process.asked) for process in made.processes] == [3, 0]


async def test_a_busy_process_shares_when_waiting_is_longer_than_loading() -> None:
    made = Made(2)
    said = await asyncio.gather(*(made.say(f"s{n}") for n in range(60)))
    assert said == [f"S{n}" for n in range(60)]
    assert all(process.asked for process in made.processes)


async def test_every_process_is_warmed() -> None:
    made = Made(3)
    await made.pool.warm("m", "1")
    assert [[question["text"] for question in process.asked] for process in made.processes] == [[""]] * 3


async def test_a_sentence_of_a_process_that_died_is_said_by_another() -> None:
    made = Made(2)
    await made.pool.warm("m", "1")
    made.processes[0].die = True
    assert await made.say("again") == "AGAIN"
    assert made.processes[1].asked[-1]["text"] == "again"


async def test_a_sentence_that_failed_twice_is_told() -> None:
    made = Made(2)
    for process in made.processes:
        process.die = True
    with pytest.raises(MeshError) as caught:
        await made.say("twice")
    assert caught.value.code is FaultCode.ENGINE_FAILED


async def test_a_model_that_cannot_be_loaded_is_told_with_its_reason() -> None:
    with pytest.raises(Unusable, match="its sum is wrong"):
        await Made(1).say("a", "broken")


async def test_only_so_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    made = Made(1)
    made.processes[0].wait = asyncio.Event()
    tasks = [asyncio.create_task(made.say(str(n))) for n in range(3)]
    results = await asyncio.gather(tasks[-1], return_exceptions=True)
    assert isinstance(results[0], MeshError) and results[0].code is FaultCode.BUSY
    made.processes[0].wait.set()
    assert await asyncio.gather(*tasks[:2]) == ["0", "1"]


async def test_a_caller_that_gives_up_costs_nothing() -> None:
    made = Made(1)
    made.processes[0].wait = asyncio.Event()
    first, second = asyncio.create_task(made.say("a")), asyncio.create_task(made.say("b"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    made.processes[0].wait.set()
    assert await first == "A"
    assert [question["text"] for question in made.processes[0].asked] == ["a"]


async def test_what_waits_at_the_end_fails_as_draining() -> None:
    made = Made(1)
    made.processes[0].wait = asyncio.Event()
    tasks = [asyncio.create_task(made.say(str(n))) for n in range(2)]
    await asyncio.sleep(0.001)
    await made.pool.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [getattr(result, "code", None) for result in results] == [FaultCode.DRAINING] * 2
    assert made.processes[0].closed
