"""Keys and errors of the VAS API's REST endpoints."""

import re
from dataclasses import replace

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.rest import retry_after
from dragoman_edge.dialects.vas.errors import KEY_CODES, code_of, context, timestamp
from dragoman_edge.model.http import HttpRequest, HttpResponse

STREAMS = "/api/v1/sse/"
KEY_FORM = re.compile(r"[A-Za-z0-9_-]{1,512}")  # what can be a key at all


class KeyForm(PeerError):
    """A credential does not have the form of a key."""

    def __init__(self) -> None:
        super().__init__(FaultCode.INVALID_CREDENTIAL, "This is not the form of an API key")


def key_of(request: HttpRequest) -> str:
    """The key of the request's header; of a server-sent stream also of its query, for browsers.

    Raises:
        PeerError: there is none; `KeyForm`, when it cannot be one.
    """
    key = request.headers.get("x-api-key", "").strip()
    if not key and request.path.startswith(STREAMS):
        key = request.query.get("api_key", "").strip()
    if not key:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send the header 'X-API-Key'")
    if not KEY_FORM.fullmatch(key):
        raise KeyForm
    return key


def refuse(error: DragomanError, request: HttpRequest | None = None) -> HttpResponse:
    """Render an error over HTTP; `request` is None where it could not be read."""
    status, code = KEY_CODES.get(error.code, (400, code_of(error.code)))
    if isinstance(error, KeyForm):
        code = "auth_invalid_key_format"
    answer = envelope(status, code, error.text, request)
    return replace(answer, headers=retry_after(error))


def envelope(status: int, code: str, message: str, request: HttpRequest | None) -> HttpResponse:
    """The vendor's example clients read the code and the message beside the envelope, too."""
    severity = "fatal" if status in (401, 403) else "error"
    data: dict[str, object] = {
        "error_code": code,
        "severity": severity,
        "message": message,
        "context": context(code),
        "details": None,
    }
    if request is not None:
        data |= {"request_id": f"req_{request.new_id}", "timestamp": timestamp(request.now_ms)}
    return HttpResponse(status, {"type": "error", "data": data, "error_code": code, "message": message})
