"""Faults as the API tells them: `ErrorCode` of the vendor's package, on the socket and in the handshake."""

from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.rest import retry_after
from dragoman_edge.model.http import HttpResponse

# `ErrorCode` of the vendor's package.
_INVALID, _KEY, _AUTHENTICATION = "invalid_request_error", "invalid_api_key_error", "authentication_error"
_QUOTA, _RATE, _AUDIO = "insufficient_quota_error", "rate_limit_exceeded_error", "unprocessable_entity_error"
_MODEL, _TIMEOUT, _INTERNAL = "model_call_error", "gateway_timeout_error", "internal_server_error"
_CODES: dict[str, str] = {
    FaultCode.UNSUPPORTED_AUDIO: _AUDIO,
    FaultCode.MISSING_CREDENTIAL: _KEY,
    FaultCode.INVALID_CREDENTIAL: _KEY,
    FaultCode.EXPIRED_CREDENTIAL: _KEY,
    FaultCode.REVOKED_CREDENTIAL: _KEY,
    FaultCode.USED_CREDENTIAL: _KEY,
    FaultCode.FORBIDDEN: _AUTHENTICATION,
    FaultCode.ACCOUNT_INACTIVE: _AUTHENTICATION,
    FaultCode.INSUFFICIENT_CREDITS: _QUOTA,
    FaultCode.CONCURRENCY_EXCEEDED: _RATE,
    FaultCode.RATE_LIMITED: _RATE,
    FaultCode.TOO_FAST: _RATE,
    FaultCode.BUSY: _RATE,
    FaultCode.ENGINE_FAILED: _MODEL,
    FaultCode.TIMEOUT: _TIMEOUT,
    FaultCode.UNAVAILABLE: _INTERNAL,
    FaultCode.DRAINING: _INTERNAL,
    FaultCode.INTERNAL: _INTERNAL,
}
# Of an utterance: its language is no fault of the request.
_SPOKEN: dict[str, str] = {FaultCode.UNSUPPORTED_LANGUAGE: FaultCode.UNSUPPORTED_AUDIO}
# Of a handshake that is refused.
_STATUS = {
    _INVALID: 400, _AUDIO: 422, _KEY: 403, _AUTHENTICATION: 403, _QUOTA: 429, _RATE: 429,
    _MODEL: 500, _INTERNAL: 503, _TIMEOUT: 504,
}  # fmt: skip


def error_message(fault: str, text: str, *, spoken: bool = False) -> str:
    """`error`; `spoken`: of one utterance, whose language is no fault of the request."""
    code = _CODES.get(_SPOKEN.get(fault, fault) if spoken else fault, _INVALID)
    return dump({"type": "error", "data": {"error": text, "code": code}})


def deny(error: DragomanError) -> HttpResponse:
    """The answer to the handshake of a key that is not good: the vendor's has status 403 and this body."""
    code = _CODES.get(error.code, _INVALID)
    body = {"message": error.message, "code": code, "request_id": ""}
    return HttpResponse(_STATUS[code], {"error": body}, retry_after(error))
