"""The Krisp voice translation API: `/vt` and its token endpoint (seed: krisp-voice-translation.txt)."""

from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.krisp import tokens
from dragoman_edge.dialects.krisp.configuration import NAME
from dragoman_edge.dialects.krisp.conversation import KrispConversation
from dragoman_edge.dialects.krisp.errors import refuse
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.http import Handshake


class Krisp:
    """The Krisp API: its socket paths, REST routes and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/vt",)
    routes: tuple[Route, ...] = (
        Route("GET", "/v2/sdk/voice-translation/session/token", tokens.issue, refuse),
    )

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return KrispConversation(handshake)
