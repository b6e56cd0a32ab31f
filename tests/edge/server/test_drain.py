"""When a session leaves a replica that stops."""

from dataclasses import dataclass

import pytest

from dragoman_edge.server.drain import COME_BACK_S, PAUSE_WAIT_S, RESULTS_WAIT_S, is_due, longest_s

DRAIN_S = 60.0


@dataclass
class Speaker:
    resumable: bool
    at_rest: bool


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
    speaker = Speaker(resumable, at_rest)
    assert not is_due(speaker, begin_s - 0.1, DRAIN_S)
    assert is_due(speaker, begin_s, DRAIN_S)


@pytest.mark.parametrize("resumable", [True, False])
def test_who_has_no_time_to_drain_waits_for_nothing(resumable: bool) -> None:
    assert is_due(Speaker(resumable, at_rest=False), 0.0, 0.0)
    assert longest_s(0.0) == RESULTS_WAIT_S


def test_one_that_can_be_resumed_is_gone_within_thirty_seconds() -> None:
    assert COME_BACK_S + PAUSE_WAIT_S + RESULTS_WAIT_S < 30


def test_a_drain_has_an_end() -> None:
    assert longest_s(DRAIN_S) == DRAIN_S + PAUSE_WAIT_S + RESULTS_WAIT_S
