"""A task that lost a cancellation ends all the same."""

import asyncio

import pytest

from dragoman_kit import tasks


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
