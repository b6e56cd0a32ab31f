"""What waits for a socket's reader: in order, and small binary messages in company."""

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_edge.server.inbox import MOST_GATHERED_BYTES, Inbox
from tests.support.waiting import WAIT_S

BATCHING = SimpleNamespace(ms=40)
LATE = SimpleNamespace(ms=1_000_000)
BYTES_PER_MS = 32
FRAME = bytes(640)  # 20 ms


def binary(data: bytes = FRAME) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": data}


def text(data: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": data}


GONE = {"type": "websocket.disconnect", "code": 1000}


class Reader:
    """A reader that waits."""

    def __init__(
        self, batching: Any = None, bytes_per_ms: float = BYTES_PER_MS, longest: int = 1 << 20
    ) -> None:
        self.inbox = Inbox(asyncio.get_running_loop())
        if batching is not None:
            self.inbox.gather(batching, bytes_per_ms, longest)

    async def waits(self) -> "asyncio.Task[Any]":
        task = asyncio.create_task(self.inbox.get())
        await asyncio.sleep(0)
        return task


async def woken(task: "asyncio.Task[Any]") -> bool:
    for _ in range(3):
        await asyncio.sleep(0)
    return task.done()


async def soon(awaited: Awaitable[Any]) -> Any:
    async with asyncio.timeout(WAIT_S):
        return await awaited


async def test_an_inbox_gives_in_order_and_counts_until_it_is_empty() -> None:
    inbox = Inbox(asyncio.get_running_loop())
    assert inbox.empty()
    for number in ("1", "2"):
        inbox.put_nowait(text(number))
        inbox.bytes += 10
    assert await inbox.get() == text("1") and inbox.bytes == 20 and not inbox.empty()
    assert await inbox.get() == text("2") and inbox.bytes == 0


async def test_whoever_waits_gets_what_comes_though_another_gave_up() -> None:
    inbox = Inbox(asyncio.get_running_loop())
    given_up = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait({given_up})
    inbox.put_nowait(text("one"))
    inbox.put_nowait(text("two"))
    assert [await inbox.get(), await inbox.get()] == [text("one"), text("two")]


async def test_a_reader_is_woken_for_each_message_without_gathering() -> None:
    reader = Reader()
    task = await reader.waits()
    reader.inbox.put_nowait(binary(b"a"))
    assert await woken(task) and task.result() == binary(b"a")


async def test_small_binary_messages_are_read_as_one() -> None:
    reader = Reader(LATE, BYTES_PER_MS * 40 / 1_000_000)  # 40 ms are enough, and the timer is far away
    task = await reader.waits()
    reader.inbox.put_nowait(binary(b"a" * 640))
    assert not await woken(task)
    reader.inbox.put_nowait(binary(b"b" * 640))
    assert await woken(task) and task.result() == binary(b"a" * 640 + b"b" * 640)
    assert reader.inbox.empty() and reader.inbox._timer is None


@pytest.mark.parametrize("other", [text("stop"), GONE])
async def test_nothing_else_waits(other: dict[str, Any]) -> None:
    reader = Reader(LATE)
    task = await reader.waits()
    for item in (binary(b"a"), other, binary(b"b")):
        reader.inbox.put_nowait(item)
    assert await woken(task)
    assert [task.result(), await reader.inbox.get(), await reader.inbox.get()] == [
        binary(b"a"), other, binary(b"b"),
    ]  # fmt: skip


async def test_a_message_that_is_enough_by_itself_does_not_wait() -> None:
    reader = Reader(BATCHING)
    task = await reader.waits()
    reader.inbox.put_nowait(binary(bytes(40 * BYTES_PER_MS)))
    assert await woken(task)


async def test_what_has_no_company_is_read_after_a_while() -> None:
    reader = Reader(SimpleNamespace(ms=1), 1e6)
    task = await reader.waits()
    reader.inbox.put_nowait(binary(b"a"))
    assert await soon(task) == binary(b"a")
    task = await reader.waits()
    reader.inbox.put_nowait(binary())  # and again
    assert await soon(task) == binary()


async def test_nothing_of_any_length_waits_for_more_than_may_wait() -> None:
    reader = Reader(LATE, 1e9)
    task = await reader.waits()
    reader.inbox.put_nowait(binary(bytes(MOST_GATHERED_BYTES)))
    assert await woken(task)


async def test_no_message_becomes_longer_than_one_may_be() -> None:
    reader = Reader(BATCHING, longest=1000)
    for data in (b"a" * 600, b"b" * 400, b"c", b"d" * 1200):
        reader.inbox.put_nowait(binary(data))
    got = [await reader.inbox.get() for _ in range(3)]
    assert [len(item["bytes"]) for item in got] == [1000, 1, 1200] and reader.inbox.empty()


async def test_a_reader_that_gave_up_loses_nothing_that_was_gathered() -> None:
    reader = Reader(LATE)
    task = await reader.waits()
    reader.inbox.put_nowait(binary(b"a"))
    task.cancel()
    await asyncio.wait({task})
    assert await reader.inbox.get() == binary(b"a") and reader.inbox._timer is None


async def test_what_came_while_the_reader_was_away_is_read_at_once() -> None:
    reader = Reader(LATE)
    for data in (b"a", b"b"):
        reader.inbox.put_nowait(binary(data))
    reader.inbox.hurry()  # nobody waits
    assert await reader.inbox.get() == binary(b"ab")
