"""When a session is told of a replica that stops, and when it leaves it."""

from dataclasses import dataclass

import pytest

from dragoman_edge.server.drain import (
    COME_BACK_S,
    PAUSE_WAIT_S,
    RESULTS_WAIT_S,
    TELL_WITHIN_S,
    Departure,
    longest_s,
    told_by,
)

DRAIN_S = 60.0


@dataclass(eq=False)
class Speaker:
    resumable: bool = True
    at_rest: bool = True


@pytest.mark.parametrize(
    ("resumable", "at_rest", "begin_s"),
    [
        (True, True, COME_BACK_S),
        (True, False, COME_BACK_S + PAUSE_WAIT_S),
        (False, True, DRAIN_S),
        (False, False, DRAIN_S + PAUSE_WAIT_S),
    ],
    ids=["goes on elsewhere", "makes no pause", "has the whole drain", "is cut in the end"],
)
def test_its_time_comes_at_a_pause_or_when_none_comes(resumable: bool, at_rest: bool, begin_s: float) -> None:
    speaker, departure = Speaker(resumable, at_rest), Departure[Speaker](DRAIN_S)
    assert departure.to_tell([speaker], 0.0) == [speaker]
    assert not departure.due([speaker], begin_s - 0.1)
    assert departure.due([speaker], begin_s) == {speaker}
    assert not departure.due([speaker], begin_s + 1), "it has left"


@pytest.mark.parametrize("resumable", [True, False])
def test_who_has_no_time_to_drain_waits_for_nothing(resumable: bool) -> None:
    speakers, departure = [Speaker(resumable, at_rest=False) for _ in range(100)], Departure[Speaker](0.0)
    assert departure.to_tell(speakers, 0.0) == speakers
    assert departure.due(speakers, 0.0) == set(speakers)
    assert longest_s(0.0) == RESULTS_WAIT_S


def test_those_that_come_back_are_told_one_after_the_other_and_at_a_pause_first() -> None:
    busy, resting = [Speaker(at_rest=False) for _ in range(300)], [Speaker() for _ in range(300)]
    departure, told = Departure[Speaker](DRAIN_S), list[Speaker]()
    for tick in range(61):
        told += departure.to_tell(busy + resting, tick * TELL_WITHIN_S / 60)
        assert len(told) <= 11 + 10 * tick
    assert set(told[:300]) == set(resting) and len(told) == len(set(told)) == 600


def test_those_that_cannot_be_resumed_are_all_told_at_once() -> None:
    speakers = [Speaker(resumable=False) for _ in range(300)]
    assert Departure[Speaker](DRAIN_S).to_tell(speakers, 0.0) == speakers


def test_nobody_leaves_before_it_had_time_to_come_back_by_itself() -> None:
    speakers, departure = [Speaker() for _ in range(60)], Departure[Speaker](DRAIN_S)
    first = departure.to_tell(speakers, 0.0)
    last = departure.to_tell(speakers, TELL_WITHIN_S)
    assert departure.due(speakers, COME_BACK_S) == set(first)
    assert departure.due(speakers, TELL_WITHIN_S + COME_BACK_S) == set(last)


def test_one_that_begins_in_the_drain_is_told_too() -> None:
    departure, late = Departure[Speaker](DRAIN_S), Speaker()
    departure.to_tell([Speaker() for _ in range(5)], 1.0)
    assert departure.to_tell([late], 20.0) == [late]


@pytest.mark.parametrize("number", [1, 50, 5000])
def test_all_know_in_time(number: int) -> None:
    assert told_by(number, TELL_WITHIN_S, DRAIN_S) == number
    assert told_by(number, 0.0, DRAIN_S) == 1


def test_one_that_can_be_resumed_is_gone_within_thirty_seconds() -> None:
    assert TELL_WITHIN_S + COME_BACK_S + PAUSE_WAIT_S + RESULTS_WAIT_S < 30


def test_a_drain_has_an_end() -> None:
    assert longest_s(DRAIN_S) == DRAIN_S + PAUSE_WAIT_S + RESULTS_WAIT_S
