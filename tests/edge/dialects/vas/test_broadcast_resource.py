"""A broadcast as JSON, for hosts and for viewers."""

from dataclasses import replace

import pytest

from dragoman_contract.events import Show
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.vas.broadcast_resource import for_host, for_viewers, time_of
from tests.support.vas_broadcasts import MADE, request
from tests.support.vas_codec import NOW

LIVE = replace(
    MADE, show=Show.LIVE, hosted=True, session_id="s_1", viewers=4, queued=1, peak=5, total=9, max_viewers=7,
    live_at_ms=NOW - 65_500,
)  # fmt: skip


def test_a_broadcast_that_has_not_begun_is_pending() -> None:
    assert for_viewers(MADE) == {
        "access_type": "public",
        "status": "pending",
        "phase": "standby",
        "is_live": False,
        "transcription_language": "en-US",
        "translation_languages": ["es-ES"],
    }
    shown = for_host(MADE, request())
    assert (shown["max_viewers"], shown["session_id"], shown["started_at"]) == (None, None, None)
    assert (shown["duration_ms"], shown["duration_formatted"]) == (0, "00:00")
    assert shown["share_url"] == "http://edge/broadcast/a3f9"
    assert shown["created_at"] == "2026-01-15T10:30:45.123Z"


def test_a_live_one_has_its_figures_and_its_time_so_far() -> None:
    shown = for_host(replace(LIVE, sessions=3), request())
    assert (shown["current_recording_id"], shown["recordings_count"]) == (task_id("s_1"), 3)
    assert (shown["status"], shown["is_live"], shown["duration_ms"]) == ("active", True, 65_000)
    assert shown["duration_formatted"] == "01:05"
    figures = ("viewer_count", "queue_count", "peak_viewers", "total_viewers", "max_viewers")
    assert [shown[name] for name in figures] == [4, 1, 5, 9, 7]


def test_one_that_has_ended_has_a_last_duration_and_nobody_watches() -> None:
    ended = replace(LIVE, hosted=False, show=Show.ENDED, ended_at_ms=NOW - 60_000)
    shown = for_host(ended, request())
    assert shown["current_recording_id"] is None
    assert for_host(replace(ended, revoked_at_ms=NOW), request())["status"] == "revoked"
    assert (shown["status"], shown["is_live"], shown["duration_ms"]) == ("ended", False, 5000)
    assert (shown["viewer_count"], shown["queue_count"], shown["peak_viewers"]) == (0, 0, 5)


def test_what_is_the_hosts_alone_is_not_for_viewers() -> None:
    told = for_viewers(replace(LIVE, has_password=True, source_languages=()))
    assert (told["access_type"], told["transcription_language"]) == ("password", None)
    assert not {"session_id", "viewer_count", "share_url"} & set(told)


@pytest.mark.parametrize(("ms", "time"), [(0, None), (1, "1970-01-01T00:00:00.001Z")])
def test_a_time_that_has_not_come_is_none(ms: int, time: str | None) -> None:
    assert time_of(ms) == time
