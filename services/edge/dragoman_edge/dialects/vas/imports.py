"""Imports of audio files over HTTP: their price, the upload, and how far they are."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, fault_code
from dragoman_contract.task_ids import session_id, task_id
from dragoman_edge.dialects import imports
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.dialects.vas import messages, parsing
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import KEY_CODES, Problem, code_of, timestamp
from dragoman_edge.dialects.vas.history import MEDIA_TYPE
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.routes import Codes, read_body, route
from dragoman_edge.dialects.vas.settings import MULTI_SPEAKER, Settings
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.imports import CANCELLED, INTERRUPTED, LONGEST_MS, SMALLEST_MS, ImportRecord, State

MICRO = 1_000_000
LANGUAGES = 16
CODES: Codes = {
    FaultCode.UNKNOWN_SESSION: (404, "import_not_found"),
    FaultCode.TOO_LARGE: (413, "import_file_too_large"),
    FaultCode.UNSUPPORTED_AUDIO: (400, "import_format_not_supported"),
    FaultCode.UNSUPPORTED_FEATURE: (403, "import_not_allowed"),
    FaultCode.TOO_LONG: (400, "import_duration_exceeded"),
    FaultCode.TOO_SLOW: (408, "import_upload_timeout"),
    FaultCode.BUSY: (503, "import_queue_full"),
    FaultCode.UNAVAILABLE: (503, "service_unavailable"),
    FaultCode.TIMEOUT: (503, "service_unavailable"),
}
STATUS = {
    State.WAITING: "importing",
    State.RUNNING: "processing",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
}


class Quota(messages.Model):
    """The body of `POST …/check-quota`."""

    duration_ms: int = Field(ge=SMALLEST_MS, le=LONGEST_MS)
    translation_languages: list[messages.Tag] = Field(default_factory=list, max_length=LANGUAGES)


class Import(messages.Model):
    """The fields that come with a file; lists are JSON."""

    transcription_languages: list[messages.Tag] = Field(min_length=1, max_length=LANGUAGES)
    translation_languages: list[messages.Tag] = Field(default_factory=list, max_length=LANGUAGES)
    recognition_mode: Literal["single", "multi_speaker"] = "single"
    callback_url: str = Field("", max_length=2048)


def _quota(request: HttpRequest) -> Exchange:
    key = key_of(request)
    body = read_body(Quota, request)
    targets = parsing.languages(body.translation_languages)
    spec = imports.imported(Settings(recording_type="transcribe", targets=targets).spec(), body.duration_ms)
    known = yield from imports.quote(key, request.source, spec)
    left, minute = max(0, known.credits_remaining), known.price_per_minute
    told = {
        "allowed": left >= known.price,
        "remaining_budget": left / MICRO,
        "is_unlimited": not minute,
        "duration_minutes": round(body.duration_ms / 60_000, 2),
        "estimated_cost": known.price / MICRO,
        "remaining_minutes": left // minute if minute else None,
    }
    return access.answer(told)


def _begin(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    upload = yield from imports.receive(who["account_id"])
    spec = _spec(upload.fields)
    record = yield from imports.begin(who["account_id"], key_of(request), request.source, spec, upload)
    return replace(access.answer(shown(record)), status=201)


def _spec(fields: dict[str, Any]) -> ev.Spec:
    body = parsing.read(Import, {name: _field(name, text) for name, text in fields.items()})
    sources = parsing.languages(body.transcription_languages)
    if body.recognition_mode == MULTI_SPEAKER and len(sources) > 1:
        message = "multi_speaker needs exactly one transcription language"
        raise Problem("diarization_multilang_conflict", message, context="diarization")
    return Settings(
        recording_type="transcribe",
        recognition_mode=body.recognition_mode,
        sources=sources,
        targets=parsing.languages(body.translation_languages),
        callback_url=body.callback_url,
    ).spec()


def _field(name: str, text: str) -> Any:
    """A list is JSON, or names between commas."""
    if not name.endswith("_languages"):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return [part.strip() for part in text.split(",") if part.strip()]


def _list(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    limit = access.limit(request, imports.MANY)
    found, following = yield from imports.page(who, limit, request.query.get("after", ""), request.now_ms)
    return access.answer({"imports": [shown(one) for one in found], "next": following or None})


def _show(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    record = yield from imports.find(who, session_id(request.path_parameters["id"]), request.now_ms)
    return access.answer(shown(record))


def _cancel(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    record = yield from imports.cancel(who, session_id(request.path_parameters["id"]), request.now_ms)
    return access.answer(shown(record))


def _progress(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    record = yield from imports.find(who, session_id(request.path_parameters["id"]), request.now_ms)
    headers = access.PRIVATE | {"X-Accel-Buffering": "no"}
    return HttpResponse(200, Pieces(MEDIA_TYPE, _events(who, record, request.now_ms)), headers)


def _events(who: dict[str, Any], record: ImportRecord, now_ms: int) -> Generator[Any, Any, None]:
    yield _event("connected", record) + _event(_name(record), record)
    following = imports.follow(who, record, now_ms)
    answer: Any = None
    while True:
        try:
            found = following.send(answer)
        except StopIteration:
            return
        answer = None
        if isinstance(found, ImportRecord):
            yield _event(_name(found), found)
        elif found is None:
            yield ": still there\n\n"
        else:
            answer = yield found


def _name(record: ImportRecord) -> str:
    return STATUS[record.state] if record.state.over else "progress"


def _event(name: str, record: ImportRecord) -> str:
    return f"event: {name}\ndata: {dump(shown(record))}\n\n"


def shown(record: ImportRecord) -> dict[str, Any]:
    """Return an import as JSON; its task has the same id."""
    name = task_id(record.session_id)
    return {
        "import_id": name,
        "task_id": name,
        "status": STATUS[record.state],
        "progress": imports.percent(record),
        "processed_ms": record.done_ms,
        "duration_ms": record.duration_ms or None,
        "error_code": _error(record.code) if record.state is State.FAILED else None,
        "message": record.message or None,
        "created_at": timestamp(record.created_at_ms),
    }


def _error(code: str) -> str:
    if code in (INTERRUPTED, CANCELLED):
        return code
    known = fault_code(code)
    return (CODES.get(known) or KEY_CODES.get(known) or (0, code_of(code)))[1]


ROUTES = (
    route("POST", "/api/v1/imports/check-quota", _quota, CODES),
    replace(route("POST", "/api/v1/imports", _begin, CODES), upload=True),
    route("GET", "/api/v1/imports", _list, CODES),
    route("GET", "/api/v1/imports/{id}", _show, CODES),
    route("DELETE", "/api/v1/imports/{id}", _cancel, CODES),
    route("GET", "/api/v1/sse/imports/{id}/progress", _progress, CODES),
)
