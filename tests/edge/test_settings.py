"""Settings of the edge come from its environment, within bounds."""

import pytest
from pydantic import ValidationError

from dragoman_edge.settings import EdgeSettings


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_EDGE_MAX_SESSIONS", "7")
    monkeypatch.setenv("DRAGOMAN_EDGE_GAP_MS", "0")
    monkeypatch.setenv("DRAGOMAN_EDGE_UNKNOWN", "ignored")
    settings = EdgeSettings()
    assert (settings.max_sessions, settings.gap_ms) == (7, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_sessions", 0),
        ("max_viewers", -1),
        ("trusted_proxies", "10.0.0.0/8,everybody"),
        ("trusted_proxies", "*"),
        ("viewer_bytes", 100),
        ("max_message_bytes", 10),
        ("chunk_ms", 1001),
        ("max_speed", 0.5),
        ("backlog_s", 1),
        ("send_queue_bytes", 100),
        ("idle_s", 0),
        ("first_message_s", 0),
        ("send_timeout_s", 0),
    ],
)
def test_a_setting_that_would_break_sessions_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValidationError, match=name):
        EdgeSettings.model_validate({name: value})


def test_a_client_may_always_send_faster_than_it_speaks() -> None:
    assert EdgeSettings().max_speed > 1 and EdgeSettings().burst_s > 0


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in EdgeSettings.model_fields.values())
