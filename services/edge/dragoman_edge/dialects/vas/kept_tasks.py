"""Tasks over HTTP: an account's kept sessions are listed, read, changed, exported and deleted."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AliasChoices, Field, StrictBool, StringConstraints

from dragoman_contract import rpc
from dragoman_contract.task_ids import session_id, task_id
from dragoman_edge.dialects.recordings import M4A, MEDIA_TYPES, OGG, audio
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import history, messages, task_resource
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import envelope
from dragoman_edge.dialects.vas.routes import read_body, route
from dragoman_edge.dialects.vas.task_access import (
    ALIAS,
    CODES,
    PAGE,
    PRIVATE,
    TASKS,
    answer,
    asking,
    session,
    unknown,
)
from dragoman_edge.dialects.vas.transcripts import FORMATS
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.requests import Ask

MANY = 100  # tasks of a page, or in a batch
LONGEST_NAME = 100
STATES = {
    "completed": rpc.TaskState.COMPLETED,
    "active": rpc.TaskState.ACTIVE,
    "failed": rpc.TaskState.FAILED,
    "all": rpc.TaskState.UNSPECIFIED,
}
Ids = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(min_length=1, max_length=MANY, validation_alias=AliasChoices("task_ids", "ids", "recording_ids")),
]


class Name(messages.Model):
    """The body of `PATCH …/name`."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]


class Pin(messages.Model):
    """The body of `PUT …/pin`."""

    is_pinned: StrictBool


class Batch(messages.Model):
    """The body of `DELETE …/batch`."""

    task_ids: Ids


class BatchPin(Batch, Pin):
    """The body of `PUT …/batch/pin`."""


def _list(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    state = STATES.get(request.query.get("status") or "completed")
    if state is None:
        raise Problem("invalid_request", f"status: one of {', '.join(STATES)}")
    page: rpc.ListTasksReply = yield rpc.ListTasksRequest(
        **who, limit=access.limit(request, MANY), after=request.query.get("after", ""), state=state
    )
    tasks = [task_resource.task(one) for one in page.tasks]
    return answer({"tasks": tasks, "next": page.next or None})


def _show(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    return answer(task_resource.task((yield from access.task(request, who))))


def _delete(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    reply: rpc.DeleteTasksReply = yield rpc.DeleteTasksRequest(**who, task_ids=(session(request),))
    if not reply.task_ids:
        raise unknown()
    return answer({"task_id": task_id(reply.task_ids[0]), "deleted": True})


def _delete_many(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    wanted = read_body(Batch, request).task_ids
    sessions, reply = _sessions(wanted), rpc.DeleteTasksReply()
    if sessions:
        reply = yield rpc.DeleteTasksRequest(**who, task_ids=sessions)
    return answer(_outcome("deleted", wanted, reply.task_ids))


def _rename(request: HttpRequest) -> Exchange:
    name = read_body(Name, request).name
    return (yield from _change_one(request, rpc.TaskChange.RENAME, name))


def _pin(request: HttpRequest) -> Exchange:
    return (yield from _change_one(request, _pinning(read_body(Pin, request))))


def _pin_many(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    body = read_body(BatchPin, request)
    sessions, reply = _sessions(body.task_ids), rpc.ChangeTasksReply()
    if sessions:
        reply = yield rpc.ChangeTasksRequest(**who, task_ids=sessions, change=_pinning(body))
    return answer(_outcome("updated", body.task_ids, [task.id for task in reply.tasks]))


def _read(request: HttpRequest) -> Exchange:
    return (yield from _change_one(request, rpc.TaskChange.READ))


def _force_fail(request: HttpRequest) -> Exchange:
    return (yield from _change_one(request, rpc.TaskChange.FAIL))


def _retry(request: HttpRequest) -> Exchange:
    """Nothing is processed after a session, so nothing can be tried again."""
    who = yield from asking(request)
    yield from access.task(request, who)
    raise Problem("recording_retry_not_allowed", "There is nothing to process again")


def _audio(request: HttpRequest, kind: str, headers: dict[str, str]) -> Exchange:
    if kind not in MEDIA_TYPES:
        raise Problem("invalid_request", f"format: one of {', '.join(MEDIA_TYPES)}")
    who = yield from asking(request)
    found = yield from audio(request, who, session(request), None, kind)
    if found is None:
        return envelope(404, "audio_not_found", "The audio of this task is not kept", request)
    return replace(found, headers=found.headers | headers)


def _play(request: HttpRequest) -> Exchange:
    return (yield from _audio(request, request.query.get("format", OGG).lower(), {}))


def _export_audio(request: HttpRequest) -> Exchange:
    kind = request.query.get("format", M4A).lower()
    name = f"recording-{request.path_parameters['id'][:64]}.{kind}"
    file = (
        {"Content-Disposition": f'attachment; filename="{name}"'}
        if session_id(request.path_parameters["id"])
        else {}
    )
    return (yield from _audio(request, kind, file))


def _entries(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    kept = yield from access.task(request, who)
    page: rpc.ListEntriesReply = yield rpc.ListEntriesRequest(
        **who, task_id=kept.id, limit=access.limit(request, MANY), after=request.query.get("after", "")
    )
    entries = [task_resource.result(kept, one) for one in page.entries]
    return answer({"entries": entries, "next": page.next or None})


def _export(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    name = request.query.get("format", "txt").lower()
    kind = FORMATS.get(name)
    if kind is None:
        raise Problem("invalid_request", f"format: one of {', '.join(FORMATS)}")
    kept = yield from access.task(request, who)
    writer = kind(kept, request.query.get("language", "")[:35])
    first: rpc.ListEntriesReply = yield rpc.ListEntriesRequest(**who, task_id=kept.id, limit=PAGE)
    pieces = _written(who, kept, first, writer.begin(), writer.page, writer.end)
    file = {"Content-Disposition": f'attachment; filename="transcript-{task_id(kept.id)}.{name}"'}
    return HttpResponse(200, Pieces(writer.media_type, pieces), PRIVATE | file)


def _history(request: HttpRequest) -> Exchange:
    who = yield from asking(request)
    kept = yield from access.task(request, who)
    first: rpc.ListEntriesReply = yield rpc.ListEntriesRequest(**who, task_id=kept.id, limit=PAGE)

    def page(entries: Sequence[rpc.Entry]) -> str:
        return "".join(history.sentence(kept, entry) for entry in entries)

    told: rpc.GetSummaryReply = yield rpc.GetSummaryRequest(**who, task_id=kept.id)
    pieces = _written(who, kept, first, history.begin(kept), page, lambda: history.end(told.summary))
    return HttpResponse(200, Pieces(history.MEDIA_TYPE, pieces), PRIVATE | {"X-Accel-Buffering": "no"})


def _written(
    who: dict[str, Any],
    kept: rpc.Task,
    page: rpc.ListEntriesReply,
    begin: str,
    write: Callable[[Sequence[rpc.Entry]], str],
    end: Callable[[], str],
) -> Generator[Ask | str, Any, None]:
    """A whole task, a page at a time: a long one is never in memory at once."""
    yield begin + write(page.entries)
    while page.next:
        page = yield rpc.ListEntriesRequest(**who, task_id=kept.id, limit=PAGE, after=page.next)
        yield write(page.entries)
    yield end()


# What they have in common


def _change_one(request: HttpRequest, change: rpc.TaskChange, title: str = "") -> Exchange:
    who = yield from asking(request)
    reply: rpc.ChangeTasksReply = yield rpc.ChangeTasksRequest(
        **who, task_ids=(session(request),), change=change, title=title
    )
    if not reply.tasks:
        raise unknown()
    return answer(task_resource.task(reply.tasks[0]))


def _sessions(ids: Sequence[str]) -> tuple[str, ...]:
    """The sessions of those that are ids of tasks, each once."""
    return tuple(dict.fromkeys(filter(None, map(session_id, ids))))


def _outcome(done: str, wanted: Sequence[str], found: Sequence[str]) -> dict[str, Any]:
    ids = [task_id(one) for one in found]
    return {
        done: ids,
        f"{done}_count": len(ids),
        "not_found": [one for one in wanted if one.lower() not in ids],
    }


def _pinning(body: Pin) -> rpc.TaskChange:
    return rpc.TaskChange.PIN if body.is_pinned else rpc.TaskChange.UNPIN


def _both(method: str, rest: str, handle: Callable[[HttpRequest], Exchange]) -> tuple[Route, ...]:
    """An endpoint, and its old alias."""
    return tuple(route(method, base + rest, handle, CODES) for base in (TASKS, ALIAS))


ROUTES = (
    *_both("GET", "", _list),
    *_both("DELETE", "/batch", _delete_many),
    *_both("PUT", "/batch/pin", _pin_many),
    *_both("GET", "/{id}", _show),
    *_both("DELETE", "/{id}", _delete),
    *_both("PATCH", "/{id}/name", _rename),
    *_both("PUT", "/{id}/pin", _pin),
    *_both("PUT", "/{id}/read", _read),
    *_both("POST", "/{id}/force-fail", _force_fail),
    *_both("POST", "/{id}/retry", _retry),
    *_both("GET", "/{id}/entries", _entries),
    *_both("GET", "/{id}/transcript/export", _export),
    *_both("GET", "/{id}/audio/export", _export_audio),
    route("GET", "/api/v1/sse/history/transcribe/{id}", _history, CODES),
    route("GET", "/api/v1/sse/audio/{id}", _play, CODES),
)
