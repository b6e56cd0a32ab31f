"""The VAS voice translation API, V1.5.7: tickets and one socket (seed: vas-voice-translation-events.txt).

A client gets a one-time ticket for its key, connects with it, sends actions and gets sentences as events.
"""

import re
from dataclasses import replace

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.commands import Handshake, HttpRequest, HttpResponse
from dragoman_edge.dialects.base import Conversation, Exchange, Route
from dragoman_edge.dialects.vas.conversation import CLAIMS, VasConversation
from dragoman_edge.dialects.vas.errors import KEY_CODES, code_of, context, timestamp
from dragoman_edge.dialects.vas.settings import NAME

KEY_FORM = re.compile(r"[A-Za-z0-9_-]{1,512}")  # what can be a key at all
TICKET_MS = 60_000  # "Validity period: 60 seconds"


def _ticket(request: HttpRequest) -> Exchange:
    """`POST /api/v1/auth/ticket`: a ticket of 32 characters that is good for one socket."""
    try:
        return (yield from _issued(request))
    except DragomanError as exc:
        return _refuse(exc, request)


def _issued(request: HttpRequest) -> Exchange:
    key = request.headers.get("x-api-key", "").strip()
    if not key:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send the header 'X-API-Key'")
    if not KEY_FORM.fullmatch(key):
        return _envelope(401, "auth_invalid_key_format", "This is not the form of an API key", request)
    reply: rpc.IssueTokenReply = yield rpc.IssueTokenRequest(
        credential=key,
        source=request.source,
        dialect=NAME,
        ttl_ms=TICKET_MS,
        single_use=True,
        claims=CLAIMS,
    )
    return HttpResponse(200, {"ticket": reply.token, "expires_in": TICKET_MS // 1000})


def _refuse(error: DragomanError, request: HttpRequest | None = None) -> HttpResponse:
    """What an error is over HTTP; `request` is None where it could not be read."""
    status, code = KEY_CODES.get(error.code, (400, code_of(error.code)))
    headers = {"Retry-After": str(max(1, error.retry_after_ms // 1000))} if error.retry_after_ms else {}
    answer = _envelope(status, code, error.message or str(error.code).replace("_", " "), request)
    return replace(answer, headers=headers)


def _envelope(status: int, code: str, message: str, request: HttpRequest | None) -> HttpResponse:
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


class Vas:
    """Where the API is."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/ws",)
    routes: tuple[Route, ...] = (Route("POST", "/api/v1/auth/ticket", _ticket, _refuse),)

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return VasConversation(handshake)
