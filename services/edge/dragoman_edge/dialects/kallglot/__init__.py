"""The Kallglot streaming API: session resources, then one socket each (seed: kallglot-streaming.txt).

The seed documents the socket; of the resource it shows `stream.url`, `stream.token` and a mode. The rest
of the resource has the form of the vendor's public pages.
"""

from collections.abc import Callable

from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.kallglot import recording, sessions, unknown_paths
from dragoman_edge.dialects.kallglot.claims import NAME
from dragoman_edge.dialects.kallglot.conversation import KallglotConversation
from dragoman_edge.dialects.kallglot.errors import refuse
from dragoman_edge.dialects.kallglot.rate_limits import limited
from dragoman_edge.dialects.kallglot.request_ids import identified
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.model.http import Handshake, HttpRequest


def _route(method: str, path: str, handle: Callable[[HttpRequest], Exchange]) -> Route:
    return Route(method, path, limited(handle), refuse, identify=identified)


class Kallglot:
    """The Kallglot API: its socket paths, REST routes and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/v1/sessions/{session_id}/connect",)
    routes: tuple[Route, ...] = (
        _route("POST", "/v1/sessions", sessions.create),
        _route("GET", "/v1/sessions", sessions.listing),
        _route("GET", "/v1/sessions/{session_id}", sessions.retrieve),
        _route("POST", "/v1/sessions/{session_id}/end", sessions.end),
        _route("GET", "/v1/sessions/{session_id}/recording", recording.audio),
        _route("DELETE", "/v1/sessions/{session_id}/recording", recording.delete),
        # Behind all others: whatever is left.
        *(_route(method, path, unknown_paths.nothing) for method, path in unknown_paths.UNKNOWN),
    )

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return KallglotConversation(handshake)
