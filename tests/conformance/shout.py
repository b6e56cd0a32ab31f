"""A made-up API, as small as one can be: "FROM TO" begins, binary is audio, "bye" ends."""

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.events import Spec, SpeechChunk, TrackSpec, Translation
from dragoman_contract.languages import canonical
from dragoman_edge.dialects import close_codes
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.commands import Audio, Command, End, Frame, Open
from dragoman_edge.model.events import ServerEvent
from dragoman_edge.model.http import Handshake


class ShoutConversation:
    """The codec of one socket."""

    subprotocol: str | None = None

    def __init__(self, handshake: Handshake) -> None:
        self.credential = handshake.query.get("key") or "none"

    def admitted(self, claims: str) -> list[Command]:
        """Nothing is bound to a key."""
        return []

    def receive(self, frame: Frame) -> list[Command]:
        """Frames in."""
        if isinstance(frame, bytes):
            return [Audio(frame)]
        if frame == "bye":
            return [End()]
        spoken, _, target = frame.partition(" ")
        if not target:
            raise PeerError(FaultCode.BAD_REQUEST, 'say "FROM TO" or "bye"')
        track = TrackSpec(source_languages=(canonical(spoken),), target_languages=(canonical(target),))
        return [Open(Spec(dialect="shout", tracks=(track,), translate=True, speech=True))]

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """Events out: translations as text, speech as binary."""
        match event:
            case Translation(text=text):
                return [text.upper()]
            case SpeechChunk(audio=audio) if audio:
                return [audio]
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """One word."""
        return [f"NO: {error.code}"]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455."""
        return close_codes.close_code(error)


class Shout:
    """Where the API is."""

    name = "shout"
    socket_paths: tuple[str, ...] = ("/shout",)
    routes: tuple[Route, ...] = ()

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return ShoutConversation(handshake)
