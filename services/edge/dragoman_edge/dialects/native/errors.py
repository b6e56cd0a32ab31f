"""Faults as the native API tells them: an `error` message and a close code, or an HTTP status."""

from typing import Any

from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.native.messages import NAME_LENGTH
from dragoman_edge.model.http import HttpResponse

# Close codes, of the range that RFC 6455 section 7.4.2 leaves to applications.
_NORMAL, _GOING_AWAY = 1000, 1012
_CLOSE: dict[FaultCode, int] = {
    FaultCode.MISSING_CREDENTIAL: 4401,
    FaultCode.INVALID_CREDENTIAL: 4401,
    FaultCode.EXPIRED_CREDENTIAL: 4401,
    FaultCode.REVOKED_CREDENTIAL: 4401,
    FaultCode.USED_CREDENTIAL: 4401,
    FaultCode.ACCOUNT_INACTIVE: 4402,
    FaultCode.INSUFFICIENT_CREDITS: 4402,
    FaultCode.FORBIDDEN: 4403,
    FaultCode.UNKNOWN_SESSION: 4404,
    FaultCode.SESSION_ENDED: 4404,
    FaultCode.IDLE: 4408,
    FaultCode.TOO_LONG: 4408,
    FaultCode.CONCURRENCY_EXCEEDED: 4429,
    FaultCode.RATE_LIMITED: 4429,
    FaultCode.TOO_FAST: 4429,
    FaultCode.TOO_SLOW: 4429,
    FaultCode.BUSY: 4503,
    FaultCode.UNAVAILABLE: 4503,
    FaultCode.TIMEOUT: 4503,
    FaultCode.DRAINING: _GOING_AWAY,
    FaultCode.ENGINE_FAILED: 4500,
    FaultCode.INTERNAL: 4500,
}
_BAD_REQUEST = 4400
_STATUS = {
    FaultCode.MISSING_CREDENTIAL: 401,
    FaultCode.INVALID_CREDENTIAL: 401,
    FaultCode.EXPIRED_CREDENTIAL: 401,
    FaultCode.REVOKED_CREDENTIAL: 401,
    FaultCode.USED_CREDENTIAL: 401,
    FaultCode.ACCOUNT_INACTIVE: 402,
    FaultCode.INSUFFICIENT_CREDITS: 402,
    FaultCode.FORBIDDEN: 403,
    FaultCode.RATE_LIMITED: 429,
    FaultCode.BUSY: 503,
    FaultCode.UNAVAILABLE: 503,
    FaultCode.DRAINING: 503,
    FaultCode.TIMEOUT: 503,
    FaultCode.ENGINE_FAILED: 500,
    FaultCode.INTERNAL: 500,
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
    return _NORMAL if error is None else _CLOSE.get(error.code, _BAD_REQUEST)


def refuse(error: DragomanError) -> HttpResponse:
    """As the `error` message of the socket."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    headers = {}
    if error.retry_after_ms:
        body["retry_after_ms"] = error.retry_after_ms
        headers["Retry-After"] = str(max(1, error.retry_after_ms // 1000))
    return HttpResponse(_STATUS.get(error.code, 400), {"error": body}, headers)
