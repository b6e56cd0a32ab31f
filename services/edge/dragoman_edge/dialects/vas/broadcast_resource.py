"""A broadcast as JSON: all of it for its host, and what viewers may know."""

from typing import Any

from dragoman_contract.events import Show
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.vas.errors import timestamp
from dragoman_edge.model.broadcasts import Broadcast
from dragoman_edge.model.http import HttpRequest


def for_host(made: Broadcast, request: HttpRequest) -> dict[str, Any]:
    """The `data` of the hosts' endpoints."""
    until = made.ended_at_ms or request.now_ms
    seconds = max(0, until - made.live_at_ms) // 1000 if made.live_at_ms else 0
    return {
        "id": made.id,
        "token": made.token,
        "name": made.name,
        "share_url": f"{request.base_url}/broadcast/{made.token}",
        **for_viewers(made),
        "tts_config": {
            one.language: {"voice": one.voice, "speaking_rate": one.rate} for one in made.wish.voices
        },
        "speaker_diarization": bool(made.wish.speakers),
        "summary_template": made.wish.summary_template or None,
        "summary_language": made.wish.summary_language or None,
        "callback_url": made.wish.callback_url or None,
        "max_viewers": made.max_viewers or None,
        "pass_code": None,  # kept as a hash only
        "standby_message": made.standby_message,
        "session_id": made.session_id or None,
        "current_recording_id": task_id(made.session_id) if made.hosted else None,
        "recordings_count": made.sessions,
        "viewer_count": made.viewers if made.hosted else 0,
        "queue_count": made.queued if made.hosted else 0,
        "peak_viewers": made.peak,
        "total_viewers": made.total,
        "duration_ms": seconds * 1000,
        "duration_formatted": f"{seconds // 60:02d}:{seconds % 60:02d}",
        "started_at": time_of(made.live_at_ms),
        "ended_at": time_of(made.ended_at_ms),
        "revoked_at": time_of(made.revoked_at_ms),
        "created_at": time_of(made.created_at_ms),
    }


def for_viewers(made: Broadcast) -> dict[str, Any]:
    """Return the part of a broadcast that viewers may read."""
    return {
        "access_type": "password" if made.has_password else "public",
        "status": _status(made),
        "phase": str(made.show),
        "is_live": made.hosted and made.show is Show.LIVE,
        "transcription_language": next(iter(made.source_languages), None),
        "translation_languages": list(made.target_languages),
    }


def _status(made: Broadcast) -> str:
    """`ended` may be used again, `revoked` may not."""
    if made.revoked_at_ms:
        return "revoked"
    if made.hosted:
        return "active"
    return "ended" if made.ended_at_ms else "pending"


def time_of(ms: int) -> str | None:
    """ISO 8601; None while it has not come, which is 0."""
    return timestamp(ms) if ms else None
