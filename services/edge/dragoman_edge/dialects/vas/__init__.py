"""The VAS voice translation API, V1.5.7: tickets and one socket (seed: vas-voice-translation-events.txt).

A client gets a one-time ticket for its key, connects with it, sends actions and gets sentences as events.
"""

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.commands import Handshake, HttpRequest, HttpResponse
from dragoman_edge.dialects.base import Conversation, Exchange, Route
from dragoman_edge.dialects.vas.conversation import CLAIMS, VasConversation
from dragoman_edge.dialects.vas.errors import KEY_CODES, code_of, context
from dragoman_edge.dialects.vas.settings import NAME

TICKET_MS = 60_000  # "Validity period: 60 seconds"


def _ticket(request: HttpRequest) -> Exchange:
    """`POST /api/v1/auth/ticket`: a ticket of 32 characters that is good for one socket."""
    key = request.headers.get("x-api-key", "").strip()
    if not key:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send the header 'X-API-Key'")
    reply: rpc.IssueTokenReply = yield rpc.IssueTokenRequest(
        credential=key,
        source=request.source,
        dialect=NAME,
        ttl_ms=TICKET_MS,
        single_use=True,
        claims=CLAIMS,
    )
    return HttpResponse(200, {"ticket": reply.token, "expires_in": TICKET_MS // 1000})


def _refuse(error: DragomanError) -> HttpResponse:
    """The envelope; the vendor's example clients read the code and the message beside it, too."""
    status, code = KEY_CODES.get(error.code, (400, code_of(error.code)))
    message = error.message or str(error.code).replace("_", " ")
    severity = "fatal" if status in (401, 403) else "error"
    data = {
        "error_code": code,
        "severity": severity,
        "message": message,
        "context": context(code),
        "details": None,
    }
    headers = {"Retry-After": str(max(1, error.retry_after_ms // 1000))} if error.retry_after_ms else {}
    return HttpResponse(
        status, {"type": "error", "data": data, "error_code": code, "message": message}, headers
    )


class Vas:
    """Where the API is."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/ws",)
    routes: tuple[Route, ...] = (Route("POST", "/api/v1/auth/ticket", _ticket, _refuse),)

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return VasConversation(handshake)
