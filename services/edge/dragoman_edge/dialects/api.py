"""Interface of a dialect: one vendor API as a pure codec, without socket, clock, bus or await.

Another dialect is one package with a `Dialect`, its tests, and a line in `dialects/__init__.py`.
"""

from typing import Protocol, runtime_checkable

from dragoman_contract.errors import DragomanError
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.commands import Command, Frame
from dragoman_edge.model.events import ServerEvent
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse
from dragoman_edge.model.viewers import ViewerEncoder, ViewerRequest


class Conversation(Protocol):
    """One socket's codec. `receive` and `render` are called in the order of the socket."""

    credential: str  # from the handshake; empty = it comes with `Open`
    subprotocol: str | None  # the one to accept, of those the client offered

    def admitted(self, claims: str) -> list[Command]:
        """The credential of the handshake is good; `claims` is what its issuer bound to it (JSON or empty).

        Raises:
            PeerError: the credential is not one for this socket.
        """

    def receive(self, frame: Frame) -> list[Command]:
        """Frames in → commands of the model.

        Raises:
            PeerError: the frame is not what the API documents.
        """

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """Events of the model → frames out; `now_ms` is Unix time. Empty where the API is silent."""

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """The API's own form of an error."""

    def close_code(self, error: DragomanError | None) -> int:
        """The code to close the socket with: after `error`, or normally."""


@runtime_checkable
class Denies(Protocol):
    """A conversation whose API answers a wrong or missing key over HTTP, in the handshake."""

    def deny(self, error: DragomanError) -> HttpResponse:
        """The answer instead of a socket."""


@runtime_checkable
class StreamsAudio(Protocol):
    """A conversation whose binary frames are one stream of audio: where one ends means nothing."""

    streams_audio: bool


@runtime_checkable
class StreamsSpeech(Protocol):
    """A conversation whose client plays speech as it comes and may stop it; speech is paced."""

    streams_speech: bool


@runtime_checkable
class TellsTime(Protocol):
    """A conversation whose transcripts have times of the clock, with the pauses of the client's audio."""

    tells_time: bool


@runtime_checkable
class Announces(Protocol):
    """A conversation whose handshake is answered with the languages that it can serve."""

    candidates: tuple[str, ...]  # BCP 47; empty = nothing is announced
    target: str  # what they are to become

    def announce(self, reaching: tuple[str, ...]) -> dict[str, str]:
        """The headers of the answer; `reaching` are the candidates that become the target here."""


@runtime_checkable
class ServesViewers(Protocol):
    """A dialect whose sessions can have viewers, by server-sent events."""

    watch_path: str

    def watch(self, request: HttpRequest) -> ViewerRequest:
        """Raises: PeerError, when it is not what the API documents."""

    def viewing(self) -> ViewerEncoder:
        """The codec of a broadcast."""

    def refuse_viewer(self, error: DragomanError, request: HttpRequest | None) -> HttpResponse:
        """The answer instead of a stream."""


class Dialect(Protocol):
    """A vendor API: where its socket and its REST endpoints are, and how to talk on them."""

    name: str
    socket_paths: tuple[str, ...]
    routes: tuple[Route, ...]

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket; a bad handshake is refused by the first `receive` or by accounts."""
