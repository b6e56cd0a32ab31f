"""Faults as the API tells them: close codes and HTTP statuses of the page."""

from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.model.http import HttpResponse

# "Server close codes" of the page.
_NORMAL, _BAD_REQUEST, _TOKEN_EXPIRED, _ENDED, _INTERNAL = 1000, 4400, 4401, 4503, 4500
_CREDENTIAL = frozenset(
    {
        FaultCode.MISSING_CREDENTIAL,
        FaultCode.INVALID_CREDENTIAL,
        FaultCode.EXPIRED_CREDENTIAL,
        FaultCode.USED_CREDENTIAL,
        FaultCode.REVOKED_CREDENTIAL,
    }
)
_ENTITLEMENT = frozenset({FaultCode.FORBIDDEN, FaultCode.ACCOUNT_INACTIVE, FaultCode.INSUFFICIENT_CREDITS})
_CAPACITY = frozenset({FaultCode.BUSY, FaultCode.UNAVAILABLE, FaultCode.DRAINING, FaultCode.TIMEOUT})
_LIMITS = frozenset(
    {
        FaultCode.CONCURRENCY_EXCEEDED,
        FaultCode.RATE_LIMITED,
        FaultCode.TOO_LONG,
        FaultCode.IDLE,
        FaultCode.TOO_SLOW,
        FaultCode.TOO_FAST,
        FaultCode.SESSION_ENDED,
        FaultCode.UNKNOWN_SESSION,
    }
)


def text_of(error: DragomanError) -> str:
    """The message for the client; the code in words where there is none."""
    return error.message or str(error.code).replace("_", " ")


def close_code(error: DragomanError | None) -> int:
    """The page's close codes."""
    if error is None:
        return _NORMAL
    if error.code in _CREDENTIAL:
        return _TOKEN_EXPIRED
    if error.code in _ENTITLEMENT | _CAPACITY | _LIMITS:
        return _ENDED
    return _INTERNAL if error.code in (FaultCode.INTERNAL, FaultCode.ENGINE_FAILED) else _BAD_REQUEST


def refuse(error: DragomanError) -> HttpResponse:
    """The error of `GET /v1/session`."""
    headers = {"Retry-After": str(max(1, error.retry_after_ms // 1000))} if error.retry_after_ms else {}
    body = {"error": text_of(error)}
    return HttpResponse(_status(error.code), body, headers)


def _status(code: FaultCode) -> int:
    """The page documents 401, 403 and 503; 400 and 429 are what HTTP has for the rest."""
    if code in _CREDENTIAL:
        return 401
    if code in _ENTITLEMENT:
        return 403
    if code in _CAPACITY:
        return 503
    if code in (FaultCode.RATE_LIMITED, FaultCode.CONCURRENCY_EXCEEDED):
        return 429
    return 500 if code in (FaultCode.INTERNAL, FaultCode.ENGINE_FAILED) else 400
