"""Faults as the API tells them: close codes and HTTP statuses of the page."""

from dragoman_contract.errors import DragomanError, FaultCode, FaultKind
from dragoman_edge.dialects import close_codes
from dragoman_edge.dialects.rest import retry_after
from dragoman_edge.model.http import HttpResponse

# "Server close codes" of the page.
_BAD_REQUEST, _TOKEN_EXPIRED, _ENDED, _INTERNAL = 4400, 4401, 4503, 4500
_CLOSE = {
    FaultKind.CREDENTIAL: _TOKEN_EXPIRED,
    FaultKind.ACCOUNT: _ENDED,
    FaultKind.LIMIT: _ENDED,
    FaultKind.SESSION: _ENDED,
    FaultKind.CAPACITY: _ENDED,
    FaultKind.FAILURE: _INTERNAL,
}
# The page documents 401, 403 and 503; 400 and 429 are what HTTP has for the rest.
_STATUS = {
    FaultKind.CREDENTIAL: 401,
    FaultKind.ACCOUNT: 403,
    FaultKind.LIMIT: 429,
    FaultKind.CAPACITY: 503,
    FaultKind.FAILURE: 500,
}


def close_code(error: DragomanError | None) -> int:
    """The page's close codes."""
    if error is None:
        return close_codes.NORMAL
    return _ENDED if error.code is FaultCode.TIMEOUT else _CLOSE.get(error.code.kind, _BAD_REQUEST)


def refuse(error: DragomanError) -> HttpResponse:
    """The error of `GET /v1/session`."""
    status = 503 if error.code is FaultCode.TIMEOUT else _STATUS.get(error.code.kind, 400)
    return HttpResponse(status, {"error": error.text}, retry_after(error))
