"""The Pinch real-time API: `GET /v1/session`, then one socket (seed: pinch-realtime.txt).

The session's parameters travel in the token of the presigned URL, so that any edge can serve the socket.
"""

from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.pinch import session_endpoint
from dragoman_edge.dialects.pinch.conversation import PinchConversation
from dragoman_edge.dialects.pinch.errors import refuse
from dragoman_edge.dialects.pinch.parameters import NAME
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.http import Handshake


class Pinch:
    """The Pinch API: its socket paths, REST routes and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/session",)
    routes: tuple[Route, ...] = (Route("GET", "/v1/session", session_endpoint.create, refuse),)

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return PinchConversation(handshake)
