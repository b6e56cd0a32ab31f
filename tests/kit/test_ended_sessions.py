"""Ended sessions are remembered, the newest ones."""

import pytest

from dragoman_contract import subjects
from dragoman_kit import ended_sessions
from dragoman_kit.ended_sessions import EndedSessions
from tests.support.recording_bus import WorkMessage


async def test_a_session_whose_end_was_told_is_known() -> None:
    ended = EndedSessions()
    await ended._on_over(WorkMessage(b"", subject=subjects.session_over("s_1")).msg)
    assert "s_1" in ended and "s_2" not in ended


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended_sessions, "MOST", 2)
    ended = EndedSessions()
    for name in ("s_1", "s_2", "s_3"):
        ended.add(name)
    assert [name in ended for name in ("s_1", "s_2", "s_3")] == [False, True, True]
