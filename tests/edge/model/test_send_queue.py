"""A bounded queue for one reader: interims go first, in order, and what is too much is told."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_edge.model.send_queue import SendQueue, SendQueueFullError

Item = tuple[str, int]  # "i…" is an interim of what follows the letter; bytes


class Count:
    """Adds up."""

    def __init__(self) -> None:
        self.total = 0.0

    def inc(self, amount: float = 1) -> None:
        self.total += amount


def queue(limit: int = 100) -> SendQueue[Item]:
    return SendQueue(
        limit, lambda item: item[1], lambda item: item[0] if item[0][0] == "i" else None, Count()
    )


async def test_all_that_waits_comes_at_once_and_then_the_end() -> None:
    made = queue()
    made.put(("a", 1))
    made.put(("b", 1))
    made.close()
    assert await made.get_all() == [("a", 1), ("b", 1)]
    assert await made.get_all() == []
    assert await made.get() is None


async def test_who_is_detached_gets_nothing_more() -> None:
    made = queue()
    made.put(("a", 1))
    made.detach()
    made.put(("b", 1))
    assert await made.get() is None


async def test_a_reader_waits_for_the_next() -> None:
    made = queue()
    reader = asyncio.create_task(made.get())
    await asyncio.sleep(0)
    assert not reader.done()
    made.put(("a", 1))
    assert await reader == ("a", 1)


@given(st.lists(st.tuples(st.sampled_from(["i1", "i2", "a", "b"]), st.integers(1, 40)), max_size=30))
def test_results_are_never_given_up_and_keep_their_order(items: list[Item]) -> None:
    made = queue()
    put: list[Item] = []
    try:
        for item in items:
            put.append(item)
            made.put(item)
    except SendQueueFullError:
        assert sum(size for name, size in put if name[0] != "i") > 100
        return
    made.close()
    came = asyncio.run(made.get_all())
    assert [item for item in came if item[0][0] != "i"] == [item for item in put if item[0][0] != "i"]
    assert all(came.count(item) <= 1 or item[0][0] != "i" for item in came)
    for name in ("i1", "i2"):
        assert len([item for item in came if item[0] == name]) <= 1


def test_more_than_is_allowed_is_told() -> None:
    made = queue(10)
    made.put(("a", 9))
    with pytest.raises(SendQueueFullError):
        made.put(("b", 9))
