"""Channels and how they stand."""

import uuid

import pytest

from dragoman_edge.broadcast import definition as module
from dragoman_edge.broadcast.definition import BroadcastStanding, channel_id


def test_ids_are_in_the_order_of_their_times() -> None:
    ids = [channel_id(ms) for ms in (1, 1000, 10**12, 10**12 + 1)]
    assert ids == sorted(ids) and {uuid.UUID(one).version for one in ids} == {7}


def test_the_next_session_counts_those_that_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "now_ms", lambda: 50)
    first = BroadcastStanding().again("Soon")
    assert (first.sessions, first.standby_message, first.begun_at_ms) == (0, "Soon", 50)
    assert first.running and first.beginning
    not_begun = first.again("Soon")
    assert not_begun.sessions == 0 and not_begun.session_id != first.session_id
    over = first.model_copy(update={"started_at_ms": 51, "ended_at_ms": 52, "total": 7})
    assert not over.running and (over.again("").sessions, over.again("").total) == (1, 7)
    monkeypatch.setattr(module, "now_ms", lambda: 50 + module.BEGINS_MS)
    assert not first.beginning
