"""Requests of viewers: about a broadcast, its password, and the event stream."""

import re

from pydantic import AliasChoices, Field

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.events import Stability
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.dialects.vas import messages
from dragoman_edge.dialects.vas.broadcast_resource import for_viewers, time_of
from dragoman_edge.dialects.vas.routes import (
    PASSWORD_CODES,
    VIEWER_CODES,
    read_body,
    refused,
    route,
)
from dragoman_edge.model.broadcasts import Admit, Admitted, Broadcast, FindBroadcast
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.viewers import ViewerRequest

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")  # an extension of ours: a viewer who comes back counts once
YES, NO = ("true", "1"), ("", "false", "0")
VIEWER = "/api/v1/viewer/broadcasts/{token}"
# Pages of viewers may be anywhere; nothing of theirs (cookies) is used.
CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*"}


class Pass(messages.Model):
    """The body of a viewer's `POST …/verify`."""

    password: str = Field(
        "", max_length=100, validation_alias=AliasChoices("password", "pass_code", "passcode")
    )
    viewer_key: str = Field("", pattern=f"^({KEY.pattern})?$")


def _tell(request: HttpRequest) -> Exchange:
    token, access = request.path_parameters["token"], _access(request)
    found: Broadcast | None = yield FindBroadcast(token, access=access, source=request.source)
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
    body = {
        "id": found.id,
        "name": found.name,
        "requires_password": found.has_password,
        **for_viewers(found),
        "tts_languages": list(found.target_languages),
        "standby_message": found.standby_message,
    }
    return HttpResponse(200, {"data": body})


def _admit(request: HttpRequest) -> Exchange:
    shown = read_body(Pass, request)
    token = request.path_parameters["token"]
    given: Admitted = yield Admit(token, shown.password, request.source, shown.viewer_key)
    seconds = (given.expires_at_ms - request.now_ms) // 1000
    body = {
        "viewer_access_token": given.access,
        "expires_in": seconds,
        "expires_at": time_of(given.expires_at_ms),
    }
    return HttpResponse(200, {"data": body})


def watch(request: HttpRequest) -> ViewerRequest:
    """Read a `GET /broadcast/{token}/text` request.

    Raises:
        PeerError: `BAD_REQUEST` or `UNSUPPORTED_LANGUAGE`.
    """
    query = request.query
    speech = query.get("tts", "").lower()
    if speech not in YES + NO:
        raise PeerError(FaultCode.BAD_REQUEST, "tts: 'true' or 'false'")
    language = canonical(query["lang"]) if query.get("lang") else ""
    token, access = request.path_parameters["token"], _access(request)
    last_id = request.headers.get("last-event-id") or query.get("last_event_id", "")
    stability = _stability(query.get("stability", ""))
    key = query.get("viewer_key", "")
    if key and not KEY.fullmatch(key):
        raise PeerError(FaultCode.BAD_REQUEST, "viewer_key: 16 to 64 letters, digits, '-' or '_'")
    return ViewerRequest(token, language, speech in YES, access, stability, last_id[:100], key)


def _access(request: HttpRequest) -> str:
    """What `verify` gave for the password."""
    bearer = request.headers.get("authorization", "").partition(" ")
    shown = request.query.get("viewer_access_token") or (bearer[2] if bearer[0].lower() == "bearer" else "")
    return shown.strip()[:200]


def _stability(wanted: str) -> Stability:
    """An extension of ours: how much a viewer sees of what is still growing."""
    try:
        return Stability(wanted.lower() or Stability.LIVE)
    except ValueError:
        raise PeerError(FaultCode.BAD_REQUEST, "stability: 'live', 'steady' or 'final'") from None


def refuse_viewer(error: DragomanError, request: HttpRequest | None) -> HttpResponse:
    """Instead of a stream."""
    return refused(error, request, VIEWER_CODES, CROSS_ORIGIN)


def _preflight(request: HttpRequest) -> Exchange:
    """A browser asks before it sends JSON from another page (Fetch standard, section 3.2)."""
    yield from ()
    return HttpResponse(200, {}, {"Access-Control-Allow-Headers": "content-type"})


ROUTES = (
    route("GET", VIEWER, _tell, VIEWER_CODES, CROSS_ORIGIN),
    route("POST", f"{VIEWER}/verify", _admit, PASSWORD_CODES, CROSS_ORIGIN),
    route("OPTIONS", f"{VIEWER}/verify", _preflight, PASSWORD_CODES, CROSS_ORIGIN),
)
