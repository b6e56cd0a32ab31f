"""`/v1/tasks` of the native API: kept sessions are listed, read and deleted. Pure.

Another account's task is answered as one that there is not.
"""

from collections.abc import Generator
from typing import Any

from pydantic import BaseModel

from dragoman_contract import rpc
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_edge.dialects.native import task_models as m
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.native.languages import NAME, SCHEMES
from dragoman_edge.dialects.recordings import MEDIA_TYPES, OGG
from dragoman_edge.dialects.recordings import audio as recorded_audio
from dragoman_edge.dialects.rest import Exchange, Route, authorization
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask

TASKS = "/v1/tasks"
TASK = "/v1/tasks/{task_id}"
ENTRIES = "/v1/tasks/{task_id}/entries"
RECORDINGS = "/v1/tasks/{task_id}/recordings"
AUDIO = "/v1/tasks/{task_id}/audio"
SIGNING = "/v1/webhook-secret"
PRIVATE = {"Cache-Control": "no-store"}
DEFAULT_TASKS, DEFAULT_ENTRIES = 20, 100


def listing(request: HttpRequest) -> Exchange:
    """List the account's tasks; `limit` (1 to 100) and `after`.

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    page: rpc.ListTasksReply = yield rpc.ListTasksRequest(
        **who, limit=limit(request, DEFAULT_TASKS), after=request.query.get("after", "")
    )
    return answer(m.TaskPage(tasks=[_task(one) for one in page.tasks], next=page.next or None))


def one(request: HttpRequest) -> Exchange:
    """Show a task.

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    reply: rpc.GetTaskReply = yield rpc.GetTaskRequest(**who, task_id=task_id(request))
    if reply.task is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")
    return answer(_task(reply.task))


def entries(request: HttpRequest) -> Exchange:
    """List a task's sentences with their translations; `limit` (1 to 200) and `after`.

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    page: rpc.ListEntriesReply = yield rpc.ListEntriesRequest(
        **who,
        task_id=task_id(request),
        limit=limit(request, DEFAULT_ENTRIES),
        after=request.query.get("after", ""),
    )
    return answer(m.EntryPage(entries=[_entry(one) for one in page.entries], next=page.next or None))


def recordings(request: HttpRequest) -> Exchange:
    """List the recordings of a task by track.

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    reply: rpc.GetAudioReply = yield rpc.GetAudioRequest(**who, task_id=task_id(request))
    return answer(m.Recordings(recordings=[_recording(one) for one in reply.tracks]))


def audio(request: HttpRequest) -> Exchange:
    """The recording of a track: `track` (the first that was recorded), `format` (`ogg`, `wav`, `m4a`).

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    track, kind = request.query.get("track", ""), request.query.get("format", OGG)
    if kind not in MEDIA_TYPES or not (
        track == "" or (track.isascii() and track.isdigit() and len(track) < 4)
    ):
        raise PeerError(
            FaultCode.BAD_REQUEST, f"format is one of {', '.join(MEDIA_TYPES)}; track is a number"
        )
    found = yield from recorded_audio(request, who, task_id(request), int(track) if track else None, kind)
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such recording")
    return found


def delete(request: HttpRequest) -> Exchange:
    """Delete a task for good; a session that runs goes on, and nothing more of it is kept.

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    name = task_id(request)
    reply: rpc.DeleteTasksReply = yield rpc.DeleteTasksRequest(**who, task_ids=(name,))
    if not reply.task_ids:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")
    return answer(m.Deleted(id=name))


def webhook_secret(request: HttpRequest) -> Exchange:
    """Show the secret by which the account's webhooks are signed.

    Raises: PeerError if it is refused.
    """
    who = yield from asking(request)
    reply: rpc.GetWebhookSecretReply = yield rpc.GetWebhookSecretRequest(**who)
    return answer(m.WebhookSecret(secret=reply.secret))


def asking(request: HttpRequest) -> Generator[Ask, Any, dict[str, Any]]:
    """Return the account and the id of the request's API key; a token made for sessions reads no tasks.

    Raises: PeerError if there is no good key.
    """
    known = yield from owner(request)
    return {"account_id": known.account_id, "key_id": known.key_id}


def owner(request: HttpRequest) -> Generator[Ask, Any, rpc.AuthenticateReply]:
    """Return the owner of the request's API key.

    Raises: PeerError if there is no good key.
    """
    credential = authorization(request.headers, {}, SCHEMES)
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer KEY'")
    asked = rpc.AuthenticateRequest(credential=credential, source=request.source, dialect=NAME)
    known: rpc.AuthenticateReply = yield asked
    if known.token:
        raise PeerError(FaultCode.FORBIDDEN, "an API key is needed, not a token of one")
    return known


def task_id(request: HttpRequest) -> str:
    """Return the id of the path.

    Raises: PeerError if it can be none.
    """
    name = request.path_parameters["task_id"]
    if not is_safe_token(name):
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")
    return name


def limit(request: HttpRequest, usual: int) -> int:
    """Return the number of elements that the request wants of a list.

    Raises: PeerError if it is no number.
    """
    text = request.query.get("limit", str(usual))
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise PeerError(FaultCode.BAD_REQUEST, "limit is a number")
    return int(text)


def answer(body: BaseModel) -> HttpResponse:
    """Return a response that nobody stores on its way."""
    return HttpResponse(200, body.model_dump(), PRIVATE)


def _task(task: rpc.Task) -> m.Task:
    return m.Task(
        id=task.id,
        status="completed" if task.ended_at_ms else "active",
        title=task.title,
        api=task.dialect,
        reference_id=task.reference_id,
        spoken=list(task.source_languages),
        to=list(task.target_languages),
        started_at_ms=task.started_at_ms,
        ended_at_ms=task.ended_at_ms or None,
        delete_at_ms=task.delete_at_ms,
        end_reason=task.reason or None,
        sentences=task.sentences,
        not_kept=task.unkept,
        speakers={one.id: one.label for one in task.speakers if one.label and not one.merged_into},
        merged={one.id: one.merged_into for one in task.speakers if one.merged_into},
        audio_ms=task.audio_ms or None,
    )


def _recording(track: rpc.TrackAudio) -> m.Recording:
    return m.Recording(
        track=track.track,
        duration_ms=track.samples * 1000 // SAMPLE_RATE,
        missing_ms=track.missing_ms,
        bytes=track.bytes,
    )


def _entry(entry: rpc.Entry) -> m.Entry:
    said = entry.sentence
    return m.Entry(
        track=said.track,
        utterance=said.utterance,
        speaker=said.speaker,
        language=said.language,
        text=said.text,
        start_ms=said.start_ms,
        duration_ms=said.duration_ms,
        confidence=said.confidence,
        translations=[
            m.TranslationOfEntry(language=made.language, text=made.text) for made in entry.translations
        ],
    )


ROUTES = (
    Route("GET", TASKS, listing, refuse),
    Route("GET", TASK, one, refuse),
    Route("GET", ENTRIES, entries, refuse),
    Route("GET", RECORDINGS, recordings, refuse),
    Route("GET", AUDIO, audio, refuse),
    Route("DELETE", TASK, delete, refuse),
    Route("GET", SIGNING, webhook_secret, refuse),
)
