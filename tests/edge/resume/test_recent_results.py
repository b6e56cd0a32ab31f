"""A session's latest results are remembered for a client that may have missed them."""

import pytest

from dragoman_contract import codec
from dragoman_edge.resume import recent_results
from dragoman_edge.resume.recent_results import BACK_S, RecentResults
from tests.support.mesh_events import chunk, ended, final, heartbeat, interim, translation


def test_finals_are_remembered_once_and_in_order() -> None:
    recent = RecentResults()
    for event in (
        interim(1, 1),
        final(1),
        translation(1),
        chunk(1, 0, 4, 4),
        final(1),
        heartbeat(5),
        ended(1),
    ):
        recent.put(event, 0.0, detached=False)
    assert recent.all() == [final(1), translation(1), ended(1)]


def test_what_is_old_is_forgotten_while_the_client_is_there() -> None:
    recent = RecentResults()
    recent.put(final(1), 0.0, detached=False)
    recent.put(final(2), BACK_S - 1, detached=False)
    recent.put(final(3), BACK_S, detached=False)
    assert recent.all() == [final(2), final(3)]


def test_nothing_is_forgotten_while_the_client_is_gone() -> None:
    recent = RecentResults()
    recent.put(final(1), 0.0, detached=False)
    recent.put(final(2), 10 * BACK_S, detached=True)
    assert recent.all() == [final(1), final(2)]


def test_there_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_results, "MOST_BYTES", 2 * len(codec.encode_event(final(5))))
    recent = RecentResults()
    for number in range(1, 6):
        recent.put(final(number), 0.0, detached=True)
    assert recent.all() == [final(4), final(5)]


@pytest.mark.parametrize("detached", [True, False], ids=["client_gone", "client_there"])
def test_a_result_above_the_bound_is_not_remembered(monkeypatch: pytest.MonkeyPatch, detached: bool) -> None:
    monkeypatch.setattr(recent_results, "MOST_BYTES", 1)
    recent = RecentResults()
    recent.put(final(1), 0.0, detached)
    assert recent.all() == []
