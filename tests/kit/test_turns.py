"""Turns: nobody waits for all of somebody else's work."""

import asyncio

import pytest
from nats.errors import Error as NatsError

from dragoman_kit.turns import ALONE_S, Turns, TurnSubscription
from tests.support.recording_bus import PullSubscription, WorkMessage, until


def test_each_owner_has_a_turn_and_keeps_the_order_of_its_own() -> None:
    turns: Turns[str] = Turns(9)
    for item in ("a1", "a2", "a3", "b1", "c1", "b2"):
        turns.put(item[0], item)
    assert len(turns) == 6
    assert [turns.take()[1] for _ in range(6)] == ["a1", "b1", "c1", "a2", "b2", "a3"]
    with pytest.raises(KeyError):
        turns.take()


def test_who_comes_late_goes_before_the_second_of_the_others() -> None:
    turns: Turns[str] = Turns(9)
    for number in range(3):
        turns.put("a", f"a{number}")
    assert turns.take() == ("a", "a0")
    turns.put("b", "b0")
    assert [turns.take()[1], turns.take()[1]] == ["b0", "a1"]


def test_an_owner_has_no_more_in_hand_than_it_may_and_blocks_nobody() -> None:
    turns: Turns[str] = Turns(1)
    for item in ("a1", "a2", "b1"):
        turns.put(item[0], item)
    assert [turns.take()[1], turns.take()[1]] == ["a1", "b1"]
    assert not turns.ready and len(turns) == 1
    with pytest.raises(KeyError):
        turns.take()
    turns.done("a")
    assert turns.take()[1] == "a2"


def test_an_owner_has_all_places_until_another_comes_and_again_a_minute_after_that() -> None:
    turns: Turns[str] = Turns(1, alone=2)
    for number in range(6):
        turns.put("a", f"a{number}", now=0.0)
    assert [turns.take()[1], turns.take()[1]] == ["a0", "a1"]
    turns.done("a")
    turns.put("b", "b0", now=1.0)
    assert turns.take()[1] == "b0" and not turns.ready
    turns.done("a")
    turns.done("b")
    assert turns.take()[1] == "a2" and not turns.ready
    turns.put("a", "a6", now=2.0 + ALONE_S)
    assert turns.take()[1] == "a3"


class Stand:
    """A subscription with `places`, where `ready` is what waits in the stream beyond a request."""

    def __init__(self, places: int, most: int = 9) -> None:
        self.pull = PullSubscription()
        self.ready: list[WorkMessage] = []
        self.asked: list[int] = []
        self.turns: Turns[object] = Turns(most)
        self.made = TurnSubscription(
            self.pull,  # type: ignore[arg-type]
            self.backlog,  # type: ignore[arg-type]
            lambda msg: msg.data.decode(),
            places,
            self.turns,  # type: ignore[arg-type]
            0.003,
        )

    async def backlog(self, most: int) -> list[WorkMessage]:
        self.asked.append(most)
        found, self.ready = self.ready[:most], self.ready[most:]
        return found

    async def __aenter__(self) -> "Stand":
        self.running = asyncio.create_task(self.made.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


async def test_messages_are_taken_ahead_kept_alive_and_given_back() -> None:
    messages = [WorkMessage(owner.encode()) for owner in ("a", "a", "a", "b")]
    stand = Stand(places=1)
    stand.pull.messages.put_nowait(messages[0])
    stand.ready = messages[1:]
    async with stand:
        await until(lambda: len(stand.turns) == 4)
        got = [(await stand.made.fetch(1, 1))[0].data for _ in range(2)]
        assert got == [b"a", b"b"]
        await until(lambda: "progress" in messages[1].settled)
    assert [message.settled[-1:] for message in messages[1:3]] == [["nak 0"], ["nak 0"]]
    assert not any("nak" in how for how in messages[0].settled)


async def test_a_worker_with_free_places_takes_nothing_ahead_of_others() -> None:
    stand = Stand(places=2)
    stand.ready = [WorkMessage(b"a")]
    async with stand:
        stand.pull.messages.put_nowait(WorkMessage(b"a"))
        (msg,) = await stand.made.fetch(1, 1)
        await asyncio.sleep(0)
        assert stand.asked == [] and msg.data == b"a"


async def test_a_fetch_of_nothing_ends() -> None:
    stand = Stand(places=1)
    with pytest.raises(TimeoutError):
        await stand.made.fetch(1, 0.001)


async def test_who_fetches_hears_that_the_stream_cannot_be_asked() -> None:
    stand = Stand(places=1)
    stand.pull.messages.put_nowait(NatsError())
    async with stand:
        with pytest.raises(NatsError):
            await stand.made.fetch(1, 1)
        with pytest.raises(TimeoutError):
            await stand.made.fetch(1, 0.001)


async def test_the_next_one_comes_when_the_last_is_done() -> None:
    stand = Stand(places=2, most=1)
    for _ in range(2):
        stand.pull.messages.put_nowait(WorkMessage(b"a"))
    async with stand:
        (first,) = await stand.made.fetch(1, 1)
        with pytest.raises(TimeoutError):
            await stand.made.fetch(1, 0.005)
        await stand.made.done(first)
        assert len(await stand.made.fetch(1, 1)) == 1
