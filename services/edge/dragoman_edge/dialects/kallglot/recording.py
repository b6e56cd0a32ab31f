"""Recordings of sessions: their state in the resource, their audio, and their deletion.

The page has the option and its place in the resource alone; the endpoint of a recording is ours.
"""

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_edge.dialects.kallglot.access import credential_of, owner
from dragoman_edge.dialects.kallglot.claims import SPEAKERS
from dragoman_edge.dialects.kallglot.errors import invalid, not_found
from dragoman_edge.dialects.recordings import MEDIA_TYPES, OGG, PRIVATE
from dragoman_edge.dialects.recordings import audio as recorded_audio
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask

CHANNELS = {str(number): number - 1 for number in range(1, len(SPEAKERS) + 1)}  # to our tracks
ABSENT = not_found("recording_not_found", "there is no such recording")


def state(
    request: HttpRequest, who: dict[str, Any], session_id: str, *, live: bool
) -> Generator[Ask, Any, dict[str, Any]]:
    """Return the `recording` of a recorded session that has begun; `live`: it runs now.

    An archive that does not answer is no reason to refuse the session.
    """
    found: rpc.Task | None = None
    with suppress(DragomanError):
        reply: rpc.GetTaskReply = yield rpc.GetTaskRequest(**who, task_id=session_id)
        found = reply.task
    if found is None:
        return shown("unavailable")
    url = f"{request.base_url}/v1/sessions/{session_id}/recording" if found.audio_ms else None
    status = "completed" if found.ended_at_ms else ("in_progress" if live else "processing")
    return shown(status, url, found.audio_ms / 1000)


def shown(status: str, url: str | None = None, duration_s: float | None = None) -> dict[str, Any]:
    """Return the `recording` of a session that asked for one."""
    return {"enabled": True, "status": status, "url": url, "duration_seconds": duration_s}


# GET and DELETE /v1/sessions/{id}/recording


def audio(request: HttpRequest) -> Exchange:
    """The recording of a channel: `channel` (the first that was recorded), `format` (`ogg`, `wav`, `m4a`).

    Raises: DragomanError if it is refused.
    """
    who = yield from owner(request, credential_of(request))
    kind, channel = request.query.get("format", OGG), request.query.get("channel")
    if kind not in MEDIA_TYPES:
        return invalid("invalid_field_value", f"format is one of {', '.join(MEDIA_TYPES)}", "format")
    if channel is not None and channel not in CHANNELS:
        return invalid("invalid_field_value", f"channel is {' or '.join(CHANNELS)}", "channel")
    track = None if channel is None else CHANNELS[channel]
    try:
        found = yield from recorded_audio(request, who, _session_id(request), track, kind)
    except PeerError as exc:
        found = _absent(exc)
    return found or ABSENT


def delete(request: HttpRequest) -> Exchange:
    """Delete the recording and its texts for good; a session that runs goes on, and is kept no more.

    Raises: DragomanError if it is refused.
    """
    who = yield from owner(request, credential_of(request))
    try:
        session_id = _session_id(request)
        reply: rpc.DeleteTasksReply = yield rpc.DeleteTasksRequest(**who, task_ids=(session_id,))
    except PeerError as exc:
        return _absent(exc)
    if not reply.task_ids:
        return ABSENT
    return HttpResponse(200, {"id": session_id, "object": "recording", "deleted": True}, PRIVATE)


def _session_id(request: HttpRequest) -> str:
    """The archive is asked, not what edges remember: a recording outlives the resource of its session."""
    session_id = request.path_parameters["session_id"]
    if not is_safe_token(session_id):
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such recording")
    return session_id


def _absent(error: PeerError) -> HttpResponse:
    """Answer that there is none, whether it is another account's or nobody's; other refusals stay."""
    if error.code is not FaultCode.UNKNOWN_SESSION:
        raise error
    return ABSENT
