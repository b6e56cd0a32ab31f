"""Faults as the native API tells them: an `error` message and a close code, or an HTTP status."""

from typing import Any

from dragoman_contract.errors import DragomanError, FaultCode, FaultKind
from dragoman_edge.dialects import close_codes
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.native.messages import NAME_LENGTH
from dragoman_edge.dialects.rest import retry_after
from dragoman_edge.model.http import HttpResponse

# HTTP statuses; 4000 more are close codes, of the range that RFC 6455 section 7.4.2 leaves to applications.
_KINDS = {
    FaultKind.REQUEST: 400,
    FaultKind.CREDENTIAL: 401,
    FaultKind.ACCOUNT: 402,
    FaultKind.SESSION: 404,
    FaultKind.LIMIT: 429,
    FaultKind.CAPACITY: 503,
    FaultKind.FAILURE: 500,
}
_CODES = {
    FaultCode.FORBIDDEN: 403,
    FaultCode.IDLE: 408,
    FaultCode.TOO_LONG: 408,
    FaultCode.TIMEOUT: 503,
}


def error_message(error: DragomanError, name: object = None, *, fatal: bool) -> str:
    """`error`; `name` is the id of the message that is at fault, `fatal`: the socket is closed after it."""
    body: dict[str, Any] = {"type": "error", "code": error.code, "message": error.message, "fatal": fatal}
    if isinstance(name, str) and name:
        body["id"] = name[:NAME_LENGTH]
    if error.retry_after_ms:
        body["retry_after_ms"] = error.retry_after_ms
    return dump(body)


def close_code(error: DragomanError | None) -> int:
    """4400 to 4503 as HTTP's statuses; 1012 when another server goes on."""
    if error is None:
        return close_codes.NORMAL
    return close_codes.SERVICE_RESTART if error.code is FaultCode.DRAINING else 4000 + _status(error.code)


def refuse(error: DragomanError) -> HttpResponse:
    """Render an error of a request over HTTP, in the form of the socket's `error` message."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.retry_after_ms:
        body["retry_after_ms"] = error.retry_after_ms
    return HttpResponse(_status(error.code), {"error": body}, retry_after(error))


def _status(code: FaultCode) -> int:
    return _CODES.get(code, _KINDS[code.kind])
