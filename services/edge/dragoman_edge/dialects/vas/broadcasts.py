"""Broadcasts over HTTP: hosts make, look at and end them; viewers ask about them and bring passwords."""

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from pydantic import AliasChoices, Field

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.events import Show, Spec, TrackSpec
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.json_text import parse_object
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import messages
from dragoman_edge.dialects.vas.errors import Problem, timestamp
from dragoman_edge.dialects.vas.rest import envelope, key_of, refuse
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    Broadcast,
    BroadcastWish,
    EndBroadcast,
    FindBroadcast,
    MakeBroadcast,
)
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask, CheckSpec, Names
from dragoman_edge.model.viewers import ViewerRequest

MOST_VIEWERS = 100_000  # that a broadcast can be limited to
PER_PAGE, MOST_PER_PAGE = 20, 100
YES, NO = ("true", "1"), ("", "false", "0")
VIEWER = "/api/v1/viewer/broadcasts/{token}"
MANY = "/api/v1/broadcasts"
ONE = "/api/v1/broadcasts/{id}"


class Wish(messages.Model):
    """The body of `POST /api/v1/broadcasts`."""

    name: str = Field("", max_length=200)
    transcription_language: messages.Tags = Field(
        default_factory=list,
        max_length=2,
        validation_alias=AliasChoices("transcription_language", "transcription_languages"),
    )
    translation_languages: messages.Tags = Field(default_factory=list, max_length=messages.MOST_TARGETS)
    access_type: str = Field("", pattern="^(public|password|)$")
    pass_code: str | None = Field(
        None, max_length=100, validation_alias=AliasChoices("pass_code", "password")
    )
    max_viewers: int | None = Field(None, ge=1, le=MOST_VIEWERS)
    standby_message: str | None = Field(None, max_length=messages.LONGEST_MESSAGE)


class Pass(messages.Model):
    """The body of a viewer's `POST …/verify`."""

    password: str = Field(
        "", max_length=100, validation_alias=AliasChoices("password", "pass_code", "passcode")
    )


# Hosts


def _make(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    wish = _read(Wish, request)
    if wish.access_type == "password" and not wish.pass_code:
        raise PeerError(FaultCode.BAD_REQUEST, "pass_code: Field required")
    sources = tuple(map(canonical, wish.transcription_language))
    targets = tuple(dict.fromkeys(map(canonical, wish.translation_languages)))
    track = TrackSpec(source_languages=sources, target_languages=targets)
    if sources or targets:  # the host may choose them in `start`
        yield CheckSpec(Spec(dialect=NAME, tracks=(track,), speech=False))
    private = wish.access_type != "public"
    made: Broadcast = yield MakeBroadcast(
        account,
        BroadcastWish(
            name=wish.name,
            source_languages=sources,
            target_languages=targets,
            password=wish.pass_code or "" if private else "",
            max_viewers=wish.max_viewers or 0,
            standby_message=wish.standby_message or "",
        ),
    )
    return HttpResponse(201, {"data": _shown(made, request)})


def _look(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    return HttpResponse(200, {"data": _shown((yield from _find(request, account)), request)})


def _list(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    page, per_page = _number(request, "page", 1), min(_number(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    names: list[str] = yield Names(f"{account}.broadcast")
    found = []
    for name in names[(page - 1) * per_page : page * per_page]:
        one: Broadcast | None = yield FindBroadcast(name, account)
        found += [one] if one is not None else []
    last = max(1, -(-len(names) // per_page))
    meta = {"current_page": page, "last_page": last, "per_page": per_page, "total": len(names)}
    return HttpResponse(200, {"data": [_shown(one, request) for one in found], "meta": meta})


def _end(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    found = yield from _find(request, account)
    yield EndBroadcast(found.token)
    return HttpResponse(200, {"data": _shown((yield from _find(request, account)), request)})


def _account(request: HttpRequest) -> Generator[Ask, Any, str]:
    """Whose API key it is; a ticket is for a socket only."""
    asked = rpc.AuthenticateRequest(credential=key_of(request), source=request.source, dialect=NAME)
    who: rpc.AuthenticateReply = yield asked
    if who.token:
        raise PeerError(FaultCode.INVALID_CREDENTIAL, "a ticket is no API key")
    return who.account_id


def _find(request: HttpRequest, account: str) -> Generator[Ask, Any, Broadcast]:
    found: Broadcast | None = yield FindBroadcast(request.path_parameters["id"], account)
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
    return found


def _shown(made: Broadcast, request: HttpRequest) -> dict[str, Any]:
    until = made.ended_at_ms or request.now_ms
    seconds = max(0, until - made.live_at_ms) // 1000 if made.live_at_ms else 0
    return {
        "id": made.id,
        "token": made.token,
        "name": made.name,
        "share_url": f"{request.base_url}/broadcast/{made.token}/text",
        **_public(made),
        "max_viewers": made.max_viewers or None,
        "standby_message": made.standby_message,
        "session_id": made.session_id or None,
        "viewer_count": made.viewers if made.hosted else 0,
        "queue_count": made.queued if made.hosted else 0,
        "peak_viewers": made.peak,
        "total_viewers": made.total,
        "duration_ms": seconds * 1000,
        "duration_formatted": f"{seconds // 60:02d}:{seconds % 60:02d}",
        "started_at": _time(made.live_at_ms),
        "ended_at": _time(made.ended_at_ms),
        "created_at": _time(made.created_at_ms),
    }


def _public(made: Broadcast) -> dict[str, Any]:
    """What viewers may know, too."""
    return {
        "access_type": "password" if made.has_password else "public",
        "status": "ended" if made.ended_at_ms else ("active" if made.hosted else "pending"),
        "phase": str(made.show),
        "is_live": made.hosted and made.show is Show.LIVE,
        "transcription_language": next(iter(made.source_languages), None),
        "translation_languages": list(made.target_languages),
    }


# Viewers


def _tell(request: HttpRequest) -> Exchange:
    found: Broadcast | None = yield FindBroadcast(request.path_parameters["token"])
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
    body = {
        "id": found.id,
        "name": found.name,
        "requires_password": found.has_password,
        **_public(found),
        "tts_languages": list(found.target_languages),
        "standby_message": found.standby_message,
    }
    return HttpResponse(200, {"data": body})


def _admit(request: HttpRequest) -> Exchange:
    password = _read(Pass, request).password
    given: Admitted = yield Admit(request.path_parameters["token"], password, request.source)
    seconds = (given.expires_at_ms - request.now_ms) // 1000
    body = {
        "viewer_access_token": given.access,
        "expires_in": seconds,
        "expires_at": _time(given.expires_at_ms),
    }
    return HttpResponse(200, {"data": body})


def watch(request: HttpRequest) -> ViewerRequest:
    """`GET /broadcast/{token}/text`.

    Raises:
        PeerError: `BAD_REQUEST` or `UNSUPPORTED_LANGUAGE`.
    """
    query = request.query
    speech = query.get("tts", "").lower()
    if speech not in YES + NO:
        raise PeerError(FaultCode.BAD_REQUEST, "tts: 'true' or 'false'")
    bearer = request.headers.get("authorization", "").partition(" ")
    shown = query.get("viewer_access_token") or (bearer[2] if bearer[0].lower() == "bearer" else "")
    language = canonical(query["lang"]) if query.get("lang") else ""
    return ViewerRequest(request.path_parameters["token"], language, speech in YES, shown.strip()[:200])


VIEWER_CODES: dict[FaultCode, tuple[int, str]] = {
    FaultCode.UNKNOWN_SESSION: (404, "broadcast_not_found"),
    FaultCode.SESSION_ENDED: (410, "broadcast_ended"),
    FaultCode.MISSING_CREDENTIAL: (401, "viewer_access_token_required"),
    FaultCode.INVALID_CREDENTIAL: (401, "viewer_access_token_invalid"),
    FaultCode.UNAVAILABLE: (503, "service_unavailable"),
    FaultCode.TIMEOUT: (503, "service_unavailable"),
}
PASSWORD_CODES = VIEWER_CODES | {FaultCode.INVALID_CREDENTIAL: (401, "broadcast_password_invalid")}
HOST_CODES: dict[FaultCode, tuple[int, str]] = {
    FaultCode.UNKNOWN_SESSION: (404, "broadcast_not_found"),
    FaultCode.UNAVAILABLE: (503, "service_unavailable"),
    FaultCode.TIMEOUT: (503, "service_unavailable"),
}
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*"
}  # pages of viewers may be anywhere; nothing of theirs is used


def refuse_viewer(error: DragomanError, request: HttpRequest | None) -> HttpResponse:
    """Instead of a stream."""
    return _refused(error, request, VIEWER_CODES, CROSS_ORIGIN)


def _refused(
    error: DragomanError,
    request: HttpRequest | None,
    codes: dict[FaultCode, tuple[int, str]],
    headers: dict[str, str],
) -> HttpResponse:
    if error.code not in codes:
        answer = refuse(error, request)
    else:
        status, code = codes[error.code]
        answer = envelope(status, code, error.message, request)
    return replace(answer, headers=answer.headers | headers)


def _route(
    method: str,
    path: str,
    handle: Callable[[HttpRequest], Exchange],
    codes: dict[FaultCode, tuple[int, str]],
    headers: dict[str, str] | None = None,
) -> Route:
    """Errors in the API's envelope."""

    def answer(request: HttpRequest) -> Exchange:
        try:
            found = yield from handle(request)
        except DragomanError as exc:
            return _refused(exc, request, codes, headers or {})
        except Problem as problem:
            return envelope(400, problem.code, problem.message, request)
        return replace(found, headers=found.headers | (headers or {}))

    return Route(method, path, answer, lambda exc: _refused(exc, None, codes, headers or {}))


def _preflight(request: HttpRequest) -> Exchange:
    """A browser asks before it sends JSON from another page (Fetch standard, section 3.2)."""
    yield from ()
    return HttpResponse(200, {}, {"Access-Control-Allow-Headers": "content-type"})


ROUTES = (
    _route("POST", MANY, _make, HOST_CODES),
    _route("GET", MANY, _list, HOST_CODES),
    _route("GET", ONE, _look, HOST_CODES),
    _route("DELETE", ONE, _end, HOST_CODES),
    _route("GET", VIEWER, _tell, VIEWER_CODES, CROSS_ORIGIN),
    _route("POST", f"{VIEWER}/verify", _admit, PASSWORD_CODES, CROSS_ORIGIN),
    _route("OPTIONS", f"{VIEWER}/verify", _preflight, PASSWORD_CODES, CROSS_ORIGIN),
)


def _read(model: type[messages.M], request: HttpRequest) -> messages.M:
    """Raises: PeerError, `BAD_REQUEST`; Problem, `invalid_request`."""
    try:
        text = request.body.decode()
    except UnicodeDecodeError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, "the body is not UTF-8") from exc
    return messages.read(model, parse_object(text or "{}"))


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else default


def _time(ms: int) -> str | None:
    return timestamp(ms) if ms else None
