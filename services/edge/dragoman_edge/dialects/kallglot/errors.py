"""Faults as the API tells them: on the socket ("Error Codes" of the page) and over HTTP (public pages)."""

from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.dialects import close_codes
from dragoman_edge.dialects.rest import retry_after
from dragoman_edge.model.http import HttpResponse

# The page's six codes; then those of the vendor's public error page, where the six do not fit.
_SOCKET: dict[FaultCode, tuple[str, bool]] = {
    FaultCode.UNSUPPORTED_AUDIO: ("audio_format_invalid", True),
    FaultCode.EXPIRED_CREDENTIAL: ("token_expired", False),
    FaultCode.SESSION_ENDED: ("session_ended", False),
    FaultCode.UNKNOWN_SESSION: ("session_ended", False),
    FaultCode.TOO_LONG: ("session_ended", False),
    FaultCode.IDLE: ("session_ended", False),
    FaultCode.RATE_LIMITED: ("rate_limit_exceeded", True),
    FaultCode.TOO_FAST: ("rate_limit_exceeded", True),
    FaultCode.CONCURRENCY_EXCEEDED: ("rate_limit_exceeded", True),
    FaultCode.TOO_SLOW: ("rate_limit_exceeded", False),
    FaultCode.MISSING_CREDENTIAL: ("invalid_token", False),
    FaultCode.INVALID_CREDENTIAL: ("invalid_token", False),
    FaultCode.USED_CREDENTIAL: ("invalid_token", False),
    FaultCode.REVOKED_CREDENTIAL: ("invalid_token", False),
    FaultCode.ACCOUNT_INACTIVE: ("organization_inactive", False),
    FaultCode.INSUFFICIENT_CREDITS: ("insufficient_api_credits", False),
    FaultCode.FORBIDDEN: ("insufficient_permissions", False),
    FaultCode.BAD_REQUEST: ("invalid_request", False),
    FaultCode.TOO_LARGE: ("invalid_request", False),
    FaultCode.UNSUPPORTED_LANGUAGE: ("invalid_language_code", False),
    FaultCode.UNSUPPORTED_VOICE: ("invalid_field_value", False),
    FaultCode.UNSUPPORTED_FEATURE: ("feature_not_available", False),
}
_OURS = ("internal_error", True)  # "Retry"

ENDS = (FaultCode.SESSION_ENDED, FaultCode.IDLE)  # of a live session: a status tells them, no error

# The page has no close codes; these differ from those of other APIs that have none.
_CLOSE = {
    FaultCode.TOO_LARGE: close_codes.TOO_BIG,
    FaultCode.DRAINING: close_codes.SERVICE_RESTART,
    FaultCode.RATE_LIMITED: close_codes.TRY_AGAIN_LATER,
    FaultCode.CONCURRENCY_EXCEEDED: close_codes.TRY_AGAIN_LATER,
}

# Status, type and code of the public error page.
_HTTP: dict[FaultCode, tuple[int, str, str]] = {
    FaultCode.MISSING_CREDENTIAL: (401, "authentication_error", "invalid_api_key"),
    FaultCode.INVALID_CREDENTIAL: (401, "authentication_error", "invalid_api_key"),
    FaultCode.USED_CREDENTIAL: (401, "authentication_error", "invalid_api_key"),
    FaultCode.EXPIRED_CREDENTIAL: (401, "authentication_error", "expired_api_key"),
    FaultCode.REVOKED_CREDENTIAL: (401, "authentication_error", "revoked_api_key"),
    FaultCode.INSUFFICIENT_CREDITS: (402, "permission_error", "insufficient_api_credits"),
    FaultCode.ACCOUNT_INACTIVE: (403, "permission_error", "organization_inactive"),
    FaultCode.FORBIDDEN: (403, "permission_error", "insufficient_permissions"),
    FaultCode.UNKNOWN_SESSION: (404, "not_found_error", "session_not_found"),
    FaultCode.RATE_LIMITED: (429, "rate_limit_error", "rate_limit_exceeded"),
    FaultCode.CONCURRENCY_EXCEEDED: (429, "rate_limit_error", "rate_limit_exceeded"),
    FaultCode.TOO_LARGE: (413, "invalid_request_error", "invalid_request"),
    FaultCode.UNSUPPORTED_LANGUAGE: (400, "invalid_request_error", "invalid_language_code"),
    FaultCode.UNSUPPORTED_FEATURE: (400, "invalid_request_error", "feature_not_available"),
    FaultCode.INTERNAL: (500, "api_error", "internal_error"),
    FaultCode.ENGINE_FAILED: (500, "api_error", "internal_error"),
    FaultCode.BUSY: (503, "api_error", "service_unavailable"),
    FaultCode.UNAVAILABLE: (503, "api_error", "service_unavailable"),
    FaultCode.DRAINING: (503, "api_error", "service_unavailable"),
    FaultCode.TIMEOUT: (503, "api_error", "service_unavailable"),
}


def socket_error(code: FaultCode) -> tuple[str, bool]:
    """Code and `recoverable` of an `error` message."""
    return _SOCKET.get(code, _OURS)


def close_code(error: DragomanError | None, opened: bool) -> int:
    """Return the close code of an error; `opened`: the session was live on the socket."""
    ended = error is not None and opened and error.code in ENDS
    return close_codes.close_code(None if ended else error, _CLOSE)


def refuse(error: DragomanError) -> HttpResponse:
    """The error object of the REST endpoints."""
    status, kind, code = _HTTP.get(error.code, (400, "invalid_request_error", "invalid_request"))
    body: dict[str, object] = {"type": kind, "code": code, "message": error.text}
    headers = retry_after(error)
    if headers:
        body["retry_after"] = int(headers["Retry-After"])
    return HttpResponse(status, {"error": body}, headers)


def invalid(code: str, message: str, param: str | None = None) -> HttpResponse:
    """400, and which parameter it was."""
    body = {"type": "invalid_request_error", "code": code, "message": message}
    return HttpResponse(400, {"error": body | ({"param": param} if param else {})})


def not_found(code: str, message: str) -> HttpResponse:
    """404 for what is no session."""
    return HttpResponse(404, {"error": {"type": "not_found_error", "code": code, "message": message}})


def quoted(value: object) -> str:
    """A short piece of what the client sent, safe to send back."""
    return repr(str(value)[:40].encode("ascii", "replace").decode())
