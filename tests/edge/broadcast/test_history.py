"""The last sentences of a broadcast."""

import pytest

from dragoman_edge.broadcast import history as module
from dragoman_edge.broadcast.history import BroadcastHistory
from dragoman_edge.broadcast.viewer_stream import SseChunk
from dragoman_edge.model.viewers import SseMessage


def told(history: BroadcastHistory, last_id: str = "") -> list[str]:
    return [message.id for message, _ in history.since(last_id)]


def filled(*ids: str) -> BroadcastHistory:
    history = BroadcastHistory()
    for one in ids:
        history.add(SseMessage("text", id=one), SseChunk(b""))
    return history


def test_who_comes_back_gets_what_was_missed() -> None:
    history = filled("a", "b", "c")
    assert told(history, "b") == ["c"] and told(history, "c") == []


def test_who_comes_late_or_from_another_edge_gets_what_is_kept() -> None:
    assert told(filled("a", "b")) == told(filled("a", "b"), "unknown") == ["a", "b"]


def test_interims_are_not_kept_and_nothing_is_kept_twice() -> None:
    assert told(filled("", "a", "", "a")) == ["a"]


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    assert told(filled("a", "b", "c")) == ["b", "c"]


def test_what_another_edge_tells_goes_before_what_was_heard_here(monkeypatch: pytest.MonkeyPatch) -> None:
    history = filled("c", "d")
    history.add_before([(SseMessage("text", id=one), SseChunk(b"")) for one in ("a", "b", "c", "")])
    assert told(history) == ["a", "b", "c", "d"] and told(history, "b") == ["c", "d"]
    assert history.was_told(SseMessage("text", id="b")) and not history.was_told(SseMessage("text", id="c"))
    monkeypatch.setattr(module, "KEPT", 3)
    full = filled("c", "d")
    full.add_before([(SseMessage("text", id=one), SseChunk(b"")) for one in ("a", "b")])
    assert told(full) == ["b", "c", "d"]
    full.add_before([(SseMessage("text", id="0"), SseChunk(b""))])
    assert told(full) == ["b", "c", "d"]
