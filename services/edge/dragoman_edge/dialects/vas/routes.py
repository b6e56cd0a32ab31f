"""Routes of the REST endpoints; errors in the API's envelope, with the codes of each group of endpoints."""

from collections.abc import Callable
from dataclasses import replace

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.json_text import parse_object
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import envelope, refuse
from dragoman_edge.model.http import HttpRequest, HttpResponse

Codes = dict[FaultCode, tuple[int, str]]  # HTTP status and the API's code
VIEWER_CODES: Codes = {
    FaultCode.UNKNOWN_SESSION: (404, "broadcast_not_found"),
    FaultCode.SESSION_ENDED: (410, "broadcast_ended"),
    FaultCode.MISSING_CREDENTIAL: (401, "viewer_access_token_required"),
    FaultCode.INVALID_CREDENTIAL: (401, "viewer_access_token_invalid"),
    FaultCode.UNAVAILABLE: (503, "service_unavailable"),
    FaultCode.TIMEOUT: (503, "service_unavailable"),
}
PASSWORD_CODES = VIEWER_CODES | {FaultCode.INVALID_CREDENTIAL: (401, "broadcast_password_invalid")}
HOST_CODES: Codes = {
    FaultCode.UNKNOWN_SESSION: (404, "broadcast_not_found"),
    FaultCode.SESSION_ENDED: (410, "broadcast_ended"),
    FaultCode.UNAVAILABLE: (503, "service_unavailable"),
    FaultCode.TIMEOUT: (503, "service_unavailable"),
}


def refused(
    error: DragomanError,
    request: HttpRequest | None,
    codes: Codes,
    headers: dict[str, str],
) -> HttpResponse:
    """The answer to a failed request; `codes` go before those of the other endpoints."""
    if error.code not in codes:
        answer = refuse(error, request)
    else:
        status, code = codes[error.code]
        answer = envelope(status, code, error.message, request)
    return replace(answer, headers=answer.headers | headers)


def route(
    method: str,
    path: str,
    handle: Callable[[HttpRequest], Exchange],
    codes: Codes,
    headers: dict[str, str] | None = None,
) -> Route:
    """An endpoint; its errors are told by `codes`, and every answer has `headers`."""

    def answer(request: HttpRequest) -> Exchange:
        try:
            found = yield from handle(request)
        except DragomanError as exc:
            return refused(exc, request, codes, headers or {})
        except Problem as problem:
            return envelope(problem.status, problem.code, problem.message, request)
        return replace(found, headers=found.headers | (headers or {}))

    return Route(method, path, answer, lambda exc: refused(exc, None, codes, headers or {}))


def read_body(model: type[parsing.M], request: HttpRequest) -> parsing.M:
    """The JSON body as `model`.

    Raises:
        PeerError: `BAD_REQUEST`, when it is no JSON object.
        Problem: `invalid_request`, when a field is wrong.
    """
    try:
        text = request.body.decode()
    except UnicodeDecodeError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, "the body is not UTF-8") from exc
    return parsing.read(model, parse_object(text or "{}"))
