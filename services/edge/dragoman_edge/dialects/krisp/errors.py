"""Faults as the API tells them: five codes on the socket and over HTTP ("Error Codes" of the page)."""

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, fault_code
from dragoman_edge.dialects.rest import retry_after
from dragoman_edge.model.http import HttpResponse

# "Error Codes" of the page: our faults to its five codes.
_CODES: dict[FaultCode, int] = {
    FaultCode.MISSING_CREDENTIAL: 401,
    FaultCode.INVALID_CREDENTIAL: 401,
    FaultCode.EXPIRED_CREDENTIAL: 401,
    FaultCode.REVOKED_CREDENTIAL: 401,
    FaultCode.USED_CREDENTIAL: 401,
    FaultCode.ACCOUNT_INACTIVE: 402,
    FaultCode.INSUFFICIENT_CREDITS: 402,
    FaultCode.FORBIDDEN: 402,  # "available under the account's tier"
    FaultCode.CONCURRENCY_EXCEEDED: 429,
    FaultCode.RATE_LIMITED: 429,
    FaultCode.TOO_FAST: 429,
    FaultCode.BUSY: 429,
    FaultCode.UNAVAILABLE: 500,
    FaultCode.DRAINING: 500,
    FaultCode.TIMEOUT: 500,
    FaultCode.ENGINE_FAILED: 500,
    FaultCode.INTERNAL: 500,
}
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


def code_of(code: str) -> int:
    """The API's code for one of ours."""
    return _CODES.get(fault_code(code), 400)


def failure_text(event: ev.Failure) -> str:
    """The description of a failure: whose it was, and why."""
    target = f" into {event.language}" if event.language else ""
    return f"utterance {event.utterance}: {event.stage}{target} failed: {event.message}"


def refuse(error: DragomanError) -> HttpResponse:
    """The error of the token endpoint."""
    code = code_of(error.code)
    body = {"code": code, "reason": REASONS[code], "description": error.message}
    return HttpResponse(code, {"error": body}, retry_after(error))
