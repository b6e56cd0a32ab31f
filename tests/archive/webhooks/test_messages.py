"""What webhooks say, by their topics."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_archive.sealing import TaskKey
from dragoman_archive.webhooks import messages

KEY = TaskKey("sess_1", bytes(32))
BEGUN_MS = 1_774_522_800_000


def said(topic: str, **changes: Any) -> Any:
    fields: dict[str, Any] = {
        "topic": topic, "message_id": "msg_1", "task_id": "sess_1", "kind": "", "failed": False,
        "reference_id": KEY.seal("r_1", "reference"), "started_at_ms": BEGUN_MS,
        "ended_at_ms": BEGUN_MS + 61_500, "heard_ms": 60_000, "sentences": 4, "audio_ms": 60_000,
    }  # fmt: skip
    return json.loads(messages.body(SimpleNamespace(**fields | changes), KEY))


def test_a_task_is_completed() -> None:
    assert said(messages.TASK) == {
        "type": "task.completed",
        "timestamp": "2026-03-26T11:01:01.500Z",
        "data": {
            "task_id": "sess_1", "session_id": "sess_1", "status": "completed", "type": None,
            "reference_id": "r_1", "started_at_ms": BEGUN_MS, "ended_at_ms": BEGUN_MS + 61_500,
            "duration_ms": 60_000, "sentences": 4,
        },
    }  # fmt: skip


def test_a_task_has_failed() -> None:
    message = said(messages.TASK, failed=True, kind="transcribe")
    assert (message["type"], message["data"]["status"]) == ("task.failed", "failed")
    assert message["data"]["type"] == "transcribe"


def test_a_session_has_begun() -> None:
    assert said(messages.STARTED, ended_at_ms=0) == {
        "id": "msg_1",
        "type": "session.started",
        "created_at": "2026-03-26T11:00:00.000Z",
        "data": {
            "object": {
                "id": "sess_1", "object": "session", "status": "active",
                "started_at": "2026-03-26T11:00:00.000Z",
            }
        },
    }  # fmt: skip


def test_a_session_has_ended() -> None:
    message = said(messages.ENDED)
    assert (message["type"], message["created_at"]) == ("session.ended", "2026-03-26T11:01:01.500Z")
    assert message["data"]["object"] == {
        "id": "sess_1", "object": "session", "status": "ended", "duration_seconds": 61.5,
        "started_at": "2026-03-26T11:00:00.000Z", "ended_at": "2026-03-26T11:01:01.500Z",
    }  # fmt: skip


def test_a_transcript_is_ready() -> None:
    message = said(messages.TRANSCRIPT)
    assert message["type"] == "transcript.ready"
    assert message["data"]["object"] == {"object": "transcript", "session_id": "sess_1", "segments": 4}


@pytest.mark.parametrize(
    ("audio_ms", "kind", "status"),
    [(60_000, "recording.ready", "completed"), (0, "recording.failed", "failed")],
)
def test_a_recording_is_ready_or_there_is_none(audio_ms: int, kind: str, status: str) -> None:
    message = said(messages.RECORDING, audio_ms=audio_ms)
    assert message["type"] == kind
    assert message["data"]["object"] == {
        "object": "recording", "session_id": "sess_1", "status": status, "duration_seconds": audio_ms / 1000,
    }  # fmt: skip
