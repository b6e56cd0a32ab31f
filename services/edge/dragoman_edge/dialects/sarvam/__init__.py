"""The Sarvam streaming speech-to-text APIs (seed: sarvam-speech-to-text-translate.txt).

`/speech-to-text-translate/ws` and, of the vendor's package, `/speech-to-text/ws`. Message forms are those of
the vendor's Python package `sarvamai`.
"""

from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.rest import Route
from dragoman_edge.dialects.sarvam.conversation import SarvamConversation
from dragoman_edge.dialects.sarvam.query import NAME, TRANSCRIBE_PATH, TRANSLATE_PATH
from dragoman_edge.model.http import Handshake


class Sarvam:
    """The Sarvam APIs: their socket paths and conversations."""

    name = NAME
    socket_paths: tuple[str, ...] = (TRANSLATE_PATH, TRANSCRIBE_PATH)
    routes: tuple[Route, ...] = ()

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return SarvamConversation(handshake)
