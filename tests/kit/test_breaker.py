"""When the breaker lets a call pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_kit.breaker import Breaker, Limits, State

LIMITS = Limits(in_a_row=3, share=0.5, window=8, pause_s=5, longest_pause_s=60, longest_asked_s=300)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(3):
        assert breaker.enter(at)
        breaker.failed(at)
    return breaker


def test_failures_in_a_row_open_it() -> None:
    breaker = opened()
    assert breaker.state is State.OPEN and not breaker.enter(4.9)
    assert breaker.wait_s(1) == 4


def test_a_success_between_them_does_not() -> None:
    breaker = Breaker(LIMITS)
    for good in (False, False, True, False, False):
        breaker.passed() if good else breaker.failed(0)
    assert breaker.state is State.CLOSED


def test_half_of_the_last_calls_open_it() -> None:
    breaker = Breaker(LIMITS)
    for good in [True, False] * 4:
        breaker.passed() if good else breaker.failed(0)
    assert breaker.state is State.OPEN


def test_one_call_decides_when_the_pause_is_over() -> None:
    breaker = opened()
    assert breaker.enter(5) and breaker.state is State.HALF_OPEN
    assert not breaker.enter(5)
    breaker.passed()
    assert breaker.enter(5) and breaker.enter(5)


def test_each_failed_try_doubles_the_pause_to_a_limit() -> None:
    breaker, now = opened(), 0.0
    pauses = []
    for _ in range(6):
        pauses.append(breaker.wait_s(now))
        now += pauses[-1]
        assert breaker.enter(now)
        breaker.failed(now)
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_a_try_that_is_given_up_leaves_room_for_another() -> None:
    breaker = opened()
    assert breaker.enter(5)
    breaker.abandoned()
    assert breaker.enter(5)


@pytest.mark.parametrize(("asked", "waits"), [(1, 5), (30, 30), (10_000, 300)])
def test_what_the_server_asks_for_is_heeded_within_bounds(asked: float, waits: float) -> None:
    breaker = Breaker(LIMITS)
    breaker.failed(0, asked)
    assert breaker.wait_s(0) == waits


def test_late_answers_of_calls_under_way_change_nothing_while_it_is_open() -> None:
    breaker = opened()
    breaker.passed()
    breaker.failed(1)
    assert breaker.state is State.OPEN and breaker.wait_s(0) == 5


@given(st.lists(st.tuples(st.sampled_from(["good", "bad", "gone", "asked"]), st.floats(0, 100)), max_size=60))
def test_it_never_stays_shut(calls: list[tuple[str, float]]) -> None:
    breaker, now = Breaker(LIMITS), 0.0
    for what, passes in calls:
        now += passes
        if not breaker.enter(now):
            continue
        match what:
            case "good":
                breaker.passed()
            case "bad":
                breaker.failed(now)
            case "asked":
                breaker.failed(now, 1e9)
            case _:
                breaker.abandoned()
    assert breaker.enter(now + LIMITS.longest_asked_s)
