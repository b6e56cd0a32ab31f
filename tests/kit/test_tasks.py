"""A task that lost a cancellation ends all the same."""

import asyncio

import pytest

from dragoman_kit import tasks
from tests.support.waiting import WAIT_S


async def test_a_task_that_lost_a_cancellation_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "ASK_AGAIN_S", 0.01)
    lost: list[int] = []

    async def careless() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if len(lost) >= 2:
                    raise
                lost.append(1)

    task = asyncio.create_task(careless())
    await asyncio.sleep(0)
    await tasks.end(task)
    assert task.cancelled() and len(lost) == 2


async def test_what_is_over_already_is_no_trouble() -> None:
    async def failed() -> None:
        raise ValueError

    task = asyncio.create_task(failed())
    await asyncio.wait({task})
    await tasks.end(task)
    assert isinstance(task.exception(), ValueError)


async def test_parts_end_together_when_what_is_waited_for_is_there() -> None:
    ended: list[str] = []

    async def part(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(name)

    await tasks.together(asyncio.sleep(0.01), one=part("one"), two=part("two"))
    assert sorted(ended) == ["one", "two"]


async def test_what_a_part_raises_ends_the_others_and_comes_out() -> None:
    async def broken() -> None:
        raise ValueError

    with pytest.raises(ExceptionGroup) as caught:
        await tasks.together(asyncio.Event().wait(), broken=broken(), other=asyncio.sleep(60))
    assert [type(exc) for exc in caught.value.exceptions] == [ValueError]


async def test_a_part_that_lost_its_cancellation_does_not_hold_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before Python 3.12 a task group waits for ever for it."""
    monkeypatch.setattr(tasks, "ASK_AGAIN_S", 0.01)
    lost: list[int] = []

    async def careless() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(1)

    async def broken() -> None:
        await asyncio.sleep(0.01)
        raise ValueError

    with pytest.raises(ExceptionGroup):
        async with asyncio.timeout(WAIT_S):
            await tasks.together(asyncio.Event().wait(), careless=careless(), broken=broken())
    assert lost


async def test_a_cancellation_goes_through() -> None:
    running = asyncio.create_task(tasks.together(asyncio.Event().wait(), one=asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
