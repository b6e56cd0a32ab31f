"""The VAS voice translation API, V1.5.7: tickets, one socket, and broadcasts with their viewers.

A client gets a one-time ticket for its key, connects with it, sends actions and gets sentences as events
(seed: vas-voice-translation-events.txt).
"""

from dragoman_contract.errors import DragomanError
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import (
    broadcasts,
    imports,
    kept_speakers,
    kept_speech,
    kept_tasks,
    retranslations,
    summary_requests,
    unknown_paths,
    viewer_requests,
    voices,
)
from dragoman_edge.dialects.vas.conversation import VasConversation
from dragoman_edge.dialects.vas.rest import key_of, refuse
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.dialects.vas.viewer_encoder import VasViewerEncoder
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken, IssueToken
from dragoman_edge.model.tokens import TICKET_CLAIMS, new_token
from dragoman_edge.model.viewers import ViewerEncoder, ViewerRequest

TICKET_MS = 60_000  # "Validity period: 60 seconds"
TICKET_PREFIX, TICKET_LENGTH = "dvtk", 32


def _ticket(request: HttpRequest) -> Exchange:
    """`POST /api/v1/auth/ticket`: a ticket of 32 characters that is good for one socket."""
    try:
        return (yield from _issued(request))
    except DragomanError as exc:
        return refuse(exc, request)


def _issued(request: HttpRequest) -> Exchange:
    reply: IssuedToken = yield IssueToken(
        credential=key_of(request),
        source=request.source,
        dialect=NAME,
        ttl_ms=TICKET_MS,
        single_use=True,
        claims=TICKET_CLAIMS,
        token=new_token(TICKET_PREFIX, TICKET_LENGTH - len(TICKET_PREFIX)),
    )
    return HttpResponse(200, {"ticket": reply.token, "expires_in": TICKET_MS // 1000})


class Vas:
    """The VAS API: its socket paths, REST routes and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/ws",)
    routes: tuple[Route, ...] = (
        Route("POST", "/api/v1/auth/ticket", _ticket, refuse),
        *broadcasts.ROUTES,
        *viewer_requests.ROUTES,
        *kept_tasks.ROUTES,
        *kept_speakers.ROUTES,
        *retranslations.ROUTES,
        *kept_speech.ROUTES,
        *summary_requests.ROUTES,
        *voices.ROUTES,
        *imports.ROUTES,
        *unknown_paths.ROUTES,
    )
    watch_path = "/broadcast/{token}/text"

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return VasConversation(handshake)

    def watch(self, request: HttpRequest) -> ViewerRequest:
        """Read the request of a viewer."""
        return viewer_requests.watch(request)

    def viewing(self) -> ViewerEncoder:
        """The codec of a broadcast for its viewers."""
        return VasViewerEncoder()

    def refuse_viewer(self, error: DragomanError, request: HttpRequest | None) -> HttpResponse:
        """Instead of a stream."""
        return viewer_requests.refuse_viewer(error, request)
