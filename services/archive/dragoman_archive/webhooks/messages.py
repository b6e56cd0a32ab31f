"""Bodies of webhooks, by topic. Nothing of what was said: the receiver reads that with its key. Pure."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dragoman_archive.sealing import TaskKey
from dragoman_contract.task_ids import task_id

TASK, STARTED, ENDED, TRANSCRIPT, RECORDING = "", "started", "ended", "transcript", "recording"


def body(row: Any, key: TaskKey) -> bytes:
    """The body of a message; `row` has it and its task."""
    made = _task(row, key) if row.topic == TASK else _of_topic(row)
    return json.dumps(made).encode()


def _task(row: Any, key: TaskKey) -> dict[str, Any]:
    data = {
        "task_id": task_id(row.task_id) if row.kind else row.task_id,
        "session_id": row.task_id,
        "status": "failed" if row.failed else "completed",
        "type": row.kind or None,
        "reference_id": key.unseal(row.reference_id, "reference"),
        "started_at_ms": row.started_at_ms,
        "ended_at_ms": row.ended_at_ms,
        "duration_ms": row.heard_ms,
        "sentences": row.sentences,
    }
    return {"type": f"task.{data['status']}", "timestamp": _time(row.ended_at_ms), "data": data}


def _of_topic(row: Any) -> dict[str, Any]:
    kind, shown = TOPICS[row.topic](row)
    at_ms = row.started_at_ms if row.topic == STARTED else row.ended_at_ms
    return {"id": row.message_id, "type": kind, "created_at": _time(at_ms), "data": {"object": shown}}


def _started(row: Any) -> tuple[str, dict[str, Any]]:
    return "session.started", {
        "id": row.task_id,
        "object": "session",
        "status": "active",
        "started_at": _time(row.started_at_ms),
    }


def _ended(row: Any) -> tuple[str, dict[str, Any]]:
    return "session.ended", {
        "id": row.task_id,
        "object": "session",
        "status": "ended",
        "started_at": _time(row.started_at_ms),
        "ended_at": _time(row.ended_at_ms),
        "duration_seconds": max(0, row.ended_at_ms - row.started_at_ms) / 1000,
    }


def _transcript(row: Any) -> tuple[str, dict[str, Any]]:
    shown = {"object": "transcript", "session_id": row.task_id, "segments": row.sentences}
    return "transcript.ready", shown


def _recording(row: Any) -> tuple[str, dict[str, Any]]:
    kind, status = ("ready", "completed") if row.audio_ms else ("failed", "failed")
    shown = {"object": "recording", "session_id": row.task_id, "status": status}
    return f"recording.{kind}", shown | {"duration_seconds": row.audio_ms / 1000}


TOPICS: dict[str, Callable[[Any], tuple[str, dict[str, Any]]]] = {
    STARTED: _started,
    ENDED: _ended,
    TRANSCRIPT: _transcript,
    RECORDING: _recording,
}


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
