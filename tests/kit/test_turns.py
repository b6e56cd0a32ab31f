"""Turns: nobody waits for all of somebody else's work."""

import asyncio

import pytest

from dragoman_kit.turns import Turns, TurnSubscription
from tests.support.recording_bus import PullSubscription, WorkMessage, until


def test_each_owner_has_a_turn_and_keeps_the_order_of_its_own() -> None:
    turns: Turns[str] = Turns(9)
    for item in ("a1", "a2", "a3", "b1", "c1", "b2"):
        turns.put(item[0], item)
    assert len(turns) == 6
    assert [turns.take() for _ in range(6)] == ["a1", "b1", "c1", "a2", "b2", "a3"]
    with pytest.raises(KeyError):
        turns.take()


def test_who_comes_late_goes_before_the_second_of_the_others() -> None:
    turns: Turns[str] = Turns(9)
    for number in range(3):
        turns.put("a", f"a{number}")
    assert turns.take() == "a0"
    turns.put("b", "b0")
    assert [turns.take(), turns.take()] == ["a1", "b0"]


async def test_messages_are_taken_ahead_kept_alive_and_given_back() -> None:
    pull = PullSubscription()
    messages = [WorkMessage(owner.encode()) for owner in ("a", "a", "a", "b")]
    for message in messages:
        pull.messages.put_nowait(message)
    turns = TurnSubscription(pull, lambda msg: msg.data.decode(), 9, 0.003)  # type: ignore[arg-type]
    running = asyncio.create_task(turns.run())
    await until(lambda: len(turns._turns) == 4)
    got = [(await turns.fetch(1, 1))[0].data for _ in range(2)]
    assert got == [b"a", b"b"]
    await until(lambda: "progress" in messages[1].settled)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [message.settled[-1:] for message in messages[1:3]] == [["nak 0"], ["nak 0"]]
    assert not any("nak" in how for how in messages[0].settled)


async def test_a_fetch_of_nothing_ends() -> None:
    turns = TurnSubscription(PullSubscription(), lambda msg: "", 9, 1)  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        await turns.fetch(1, 0.001)


def test_an_owner_has_no_more_in_hand_than_it_may_and_blocks_nobody() -> None:
    turns: Turns[str] = Turns(1)
    for item in ("a1", "a2", "b1"):
        turns.put(item[0], item)
    assert [turns.take(), turns.take()] == ["a1", "b1"]
    assert not turns.ready and len(turns) == 1
    with pytest.raises(KeyError):
        turns.take()
    turns.done("a")
    assert turns.take() == "a2"


async def test_the_next_one_comes_when_the_last_is_done() -> None:
    pull = PullSubscription()
    for _ in range(2):
        pull.messages.put_nowait(WorkMessage(b"a"))
    turns = TurnSubscription(pull, lambda msg: msg.data.decode(), 1, 1)  # type: ignore[arg-type]
    running = asyncio.create_task(turns.run())
    (first,) = await turns.fetch(1, 1)
    with pytest.raises(TimeoutError):
        await turns.fetch(1, 0.005)
    await turns.done(first)
    assert len(await turns.fetch(1, 1)) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
