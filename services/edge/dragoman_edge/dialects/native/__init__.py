"""The mesh's own API: `/v1/stream` (docs/native.asyncapi.yaml), and over HTTP (docs/native.openapi.yaml)."""

from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.native import enrolment, imports, languages, sign_in, task_changes, tasks
from dragoman_edge.dialects.native.conversation import NativeConversation
from dragoman_edge.dialects.native.languages import NAME
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.http import Handshake


class Native:
    """The mesh's own API: its socket paths, REST routes and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/v1/stream",)
    routes: tuple[Route, ...] = (
        *languages.ROUTES,
        *sign_in.ROUTES,
        *tasks.ROUTES,
        *task_changes.ROUTES,
        *imports.ROUTES,
        *enrolment.ROUTES,
    )

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return NativeConversation(handshake)
