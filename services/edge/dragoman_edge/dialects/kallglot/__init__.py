"""The Kallglot streaming API: session resources, then one socket each (seed: kallglot-streaming.txt).

The seed documents the socket; of the resource it shows `stream.url`, `stream.token` and a mode. The rest
of the resource has the form of the vendor's public pages.
"""

from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.kallglot import recording, sessions
from dragoman_edge.dialects.kallglot.claims import NAME
from dragoman_edge.dialects.kallglot.conversation import KallglotConversation
from dragoman_edge.dialects.kallglot.errors import refuse
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.http import Handshake


class Kallglot:
    """The Kallglot API: its socket paths, REST routes and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/v1/sessions/{session_id}/connect",)
    routes: tuple[Route, ...] = (
        Route("POST", "/v1/sessions", sessions.create, refuse),
        Route("GET", "/v1/sessions", sessions.listing, refuse),
        Route("GET", "/v1/sessions/{session_id}", sessions.retrieve, refuse),
        Route("POST", "/v1/sessions/{session_id}/end", sessions.end, refuse),
        Route("GET", "/v1/sessions/{session_id}/recording", recording.audio, refuse),
        Route("DELETE", "/v1/sessions/{session_id}/recording", recording.delete, refuse),
    )

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return KallglotConversation(handshake)
