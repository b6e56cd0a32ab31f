"""A bound on failed tries."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.broadcast import tries as module
from dragoman_edge.broadcast.tries import Tries


def refused(tries: Tries, who: str = "here") -> bool:
    try:
        tries.begin(who)
    except PeerError as exc:
        assert (exc.code, exc.retry_after_ms) == (FaultCode.RATE_LIMITED, 60_000)
        return True
    return False


def test_only_so_many_tries_may_fail() -> None:
    tries = Tries(2, 60.0)
    assert [refused(tries) for _ in range(4)] == [False, False, True, True]
    assert not refused(tries, "elsewhere")


def test_good_tries_do_not_add_up() -> None:
    tries = Tries(2, 60.0)
    for _ in range(5):
        tries.begin("here")
        tries.passed("here")
    assert not refused(tries)
    tries.passed("nobody")


def test_tries_side_by_side_count_before_they_are_known_to_be_wrong() -> None:
    tries = Tries(2, 60.0)
    assert [refused(tries) for _ in range(3)] == [False, False, True]
    tries.passed("here")
    assert not refused(tries)


def test_failures_are_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    tries = Tries(1, 60.0)
    assert not refused(tries)
    now = 59.0
    assert refused(tries)
    now = 61.0
    assert not refused(tries)


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    tries = Tries(1, 60.0)
    for who in "abcd":
        assert not refused(tries, who)
    assert len(tries._failed) == 2
