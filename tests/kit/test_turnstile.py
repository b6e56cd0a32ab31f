"""Requests that begin together are let in a few at a time, and no address waits for all of another's."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from dragoman_kit import turnstile
from dragoman_kit.turnstile import STEP, Turnstile


class Loop:
    """Keeps the call that ends a rest."""

    def __init__(self) -> None:
        self.rests: list[Callable[[], None]] = []

    def call_later(self, delay: float, call: Callable[[], None]) -> None:
        self.rests.append(call)

    def rest(self) -> None:
        self.rests.pop()()


class Door:
    """A turnstile, and the names of what has begun."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.turnstile = Turnstile(cast(Any, self.loop))
        self.begun: list[str] = []

    def come(self, name: str, address: str = "one", size: int = 1) -> turnstile.Waiting | None:
        return self.turnstile.enter(address, size, lambda: self.begun.append(name))


@pytest.fixture
def door() -> Door:
    return Door()


def test_a_few_begin_at_once_and_the_rest_a_step_at_a_time(door: Door) -> None:
    names = [str(number) for number in range(2 * STEP + 1)]
    for name in names:
        door.come(name)
    assert door.begun == names[:STEP]
    door.loop.rest()
    assert door.begun == names[: 2 * STEP]
    door.loop.rest()
    assert door.begun == names
    door.loop.rest()
    assert not door.loop.rests, "with nothing to do there is nothing to wait for"


def test_nothing_passes_those_who_wait(door: Door) -> None:
    for number in range(STEP + 1):
        door.come(f"waits {number}")
    door.come("newcomer", "other")
    door.loop.rest()
    assert door.begun[-2:] == [f"waits {STEP}", "newcomer"]


def test_an_address_does_not_wait_for_all_of_another(door: Door) -> None:
    for _ in range(100):
        door.come("flood")
    door.come("guest", "other")
    door.loop.rest()
    assert "guest" in door.begun


def test_who_has_gone_takes_no_turn(door: Door) -> None:
    for _ in range(STEP):
        door.come("first")
    gone = door.come("gone")
    assert gone is not None
    door.turnstile.leave(gone)
    door.turnstile.leave(gone)
    door.loop.rest()
    assert door.come("next") is None and door.begun == ["first"] * STEP + ["next"]


@pytest.mark.parametrize(("bound", "most"), [("WAITING", 20), ("WAITING_BYTES", 200)])
def test_an_address_fills_half_of_the_places(
    door: Door, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(turnstile, bound, most)
    for _ in range(STEP + 10):
        door.come("flood", size=10)
    with pytest.raises(OverflowError):
        door.come("flood", size=10)
    for _ in range(10):
        door.come("guest", "other", size=10)
    with pytest.raises(OverflowError):
        door.come("third", "third", size=10)
    while door.loop.rests:
        door.loop.rest()
    assert door.begun.count("guest") == 10 and door.begun.count("flood") == STEP + 10
    assert door.come("third", "third", size=10) is None
