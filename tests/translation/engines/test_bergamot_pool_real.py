"""A pool of processes some of which die or hang."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_translation.engines import bergamot_pool
from dragoman_translation.engines.bergamot_pool import Pool, Unusable
from dragoman_translation.engines.process import Process

pytestmark = pytest.mark.integration


def made(count: int) -> Pool:
    return Pool(lambda: Process("tests.translation.frail_process"), count)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    one = made(2)
    yield one
    await one.close()


async def ask(pool: Pool, text: str, model: str = "m") -> str:
    return await pool.translate(model, "1", text)


async def test_a_text_that_kills_is_tried_twice_and_costs_nobody_else(pool: Pool) -> None:
    texts = [f"text {n}" for n in range(50)]
    asked = [asyncio.create_task(ask(pool, text)) for text in (*texts[:25], "die", *texts[25:])]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    failure = answers.pop(25)
    assert isinstance(failure, MeshError) and failure.code is FaultCode.ENGINE_FAILED
    assert answers == texts


async def test_a_text_that_hangs_is_given_up_in_time(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.gather(*(ask(pool, "x") for _ in range(60)))  # both processes run
    monkeypatch.setattr(bergamot_pool, "SENTENCE_S", 2.0)
    monkeypatch.setattr(bergamot_pool, "LOAD_S", 8.0)
    hung = asyncio.create_task(ask(pool, "hang"))
    assert await ask(pool, "x") == "x"
    with pytest.raises(MeshError) as caught:
        await hung
    assert caught.value.code is FaultCode.TIMEOUT
    assert await ask(pool, "y") == "y"


async def test_a_model_that_cannot_be_used_is_told(pool: Pool) -> None:
    with pytest.raises(Unusable, match="no such model"):
        await ask(pool, "unusable")


async def test_a_caller_that_gives_up_leaves_the_answers_in_order(pool: Pool) -> None:
    asked = [asyncio.create_task(ask(pool, f"text {n}")) for n in range(100)]
    await asyncio.sleep(0)
    for task in asked[::3]:
        task.cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(answers[n] == f"text {n}" for n in range(100) if n % 3)


async def test_too_much_at_once_is_refused() -> None:
    pool = made(1)
    asked = [asyncio.create_task(ask(pool, "x")) for _ in range(bergamot_pool.MOST_WAITING + 10)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, DragomanError)]
    assert len(refused) == 10 and {exc.code for exc in refused} == {FaultCode.BUSY}
    assert answers.count("x") == bergamot_pool.MOST_WAITING
    await pool.close()


async def test_one_process_is_started_while_one_is_enough(pool: Pool) -> None:
    for _ in range(5):
        await ask(pool, "x")
    assert [worker.process.pid is not None for worker in pool._workers].count(True) == 1
    await asyncio.gather(*(ask(pool, "x") for _ in range(60)))
    assert [worker.process.pid is not None for worker in pool._workers].count(True) == 2


async def test_what_waits_fails_when_the_service_stops() -> None:
    pool = made(1)
    asked = [asyncio.create_task(ask(pool, text)) for text in ("hang", "x", "y")]
    await asyncio.sleep(0.2)
    await pool.close()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, MeshError) and answer.code is FaultCode.DRAINING for answer in answers)
