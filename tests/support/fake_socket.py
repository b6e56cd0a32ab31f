"""A websocket without a server, and a dialect of plain words to talk over it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.commands import (
    Answer,
    Audio,
    BroadcastAction,
    BroadcastCommand,
    Command,
    End,
    Flush,
    Frame,
    Open,
    Resume,
    TextRequest,
    Update,
)
from dragoman_edge.model.events import Opened, Outcome, ServerEvent, Throttled
from dragoman_edge.model.http import Handshake, HttpResponse
from tests.support.factories import spec
from tests.support.waiting import WAIT_S

Message = dict[str, Any]
GONE: Message = {"type": "websocket.disconnect", "code": 1006}
GOODBYE: Message = {"type": "websocket.disconnect", "code": 1000, "reason": ""}


class FakeSocket:
    """The client's side: what it says, what it was told, with which code the socket was closed."""

    def __init__(self, *frames: Frame | Message, query: str = "", **headers: str) -> None:
        self.sent: list[Message] = []
        self.broken = False
        self.waits_for: asyncio.Event | None = None  # before it takes anything
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.say(*frames)
        self.scope: Message = {
            "type": "websocket",
            "scheme": "ws",
            "path": "/test",
            "path_params": {"id": 7},
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("10.0.0.1", 1),
            "server": ("edge", 80),
            "subprotocols": ["plain"],
            "extensions": {"websocket.http.response": {}},
        }

    def say(self, *frames: Frame | Message) -> None:
        """The client sends something."""
        for frame in frames:
            if isinstance(frame, dict):
                self._incoming.put_nowait(frame)
            else:
                kind = "bytes" if isinstance(frame, bytes) else "text"
                self._incoming.put_nowait({"type": "websocket.receive", kind: frame})

    async def _send(self, message: Message) -> None:
        if self.broken:
            raise OSError
        if self.waits_for is not None:
            await self.waits_for.wait()
        self.sent.append(message)
        self._changed.set()

    def websocket(self, accepted: bool = False) -> WebSocket:
        """What the edge gets."""
        made = WebSocket(self.scope, self._incoming.get, self._send)  # type: ignore[arg-type]
        if accepted:
            self._incoming.get_nowait()
            made.client_state = made.application_state = type(made.client_state).CONNECTED
        return made

    @property
    def told(self) -> list[Frame]:
        """The frames that it got."""
        sent = [message for message in self.sent if message["type"] == "websocket.send"]
        return [message["text"] if message.get("text") is not None else message["bytes"] for message in sent]

    @property
    def code(self) -> int | None:
        """The close code."""
        closed = [message["code"] for message in self.sent if message["type"] == "websocket.close"]
        return closed[0] if closed else None

    async def hears(self, frame: Frame) -> None:
        """Wait for a frame."""
        async with asyncio.timeout(WAIT_S):
            while frame not in self.told:
                self._changed.clear()
                await self._changed.wait()


@dataclass
class PlainConversation:
    """Words for commands; every event is rendered as its name and its text, if it has one."""

    credential: str = "key"
    subprotocol: str | None = "plain"
    commands: dict[str, Command] = field(default_factory=dict)
    admits: list[Command] = field(default_factory=list)
    claims: str | None = None

    def admitted(self, claims: str) -> list[Command]:
        self.claims = claims
        return self.admits

    def receive(self, frame: Frame) -> list[Command]:
        if isinstance(frame, bytes):
            return [Audio(frame)]
        known: dict[str, Command] = {
            "open": Open(spec()),
            "open resumable": Open(spec(), resumable=True),
            "flush": Flush(),
            "end": End(),
            "pong": Answer(("pong",)),
            "wrong": Answer(problem=PeerError(FaultCode.BAD_REQUEST, "what?")),
            "to german": Update(spec(tracks=(_GERMAN,)), "u1"),
            "to klingon": Update(spec(tracks=(_KLINGON,)), "u2"),
            "translate": TextRequest(1, "hello", "en", ("es",), tag="t"),
            "translate late": TextRequest(7, "hello", "en", ("es",), tag="t"),
            "go live": BroadcastCommand(BroadcastAction.GO_LIVE),
        }
        known |= self.commands
        if frame.startswith("resume "):
            return [Resume(frame.removeprefix("resume "), None, None)]
        if frame not in known:
            raise PeerError(FaultCode.BAD_REQUEST, f"no word: {frame}")
        return [known[frame]]

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        match event:
            case ev.SpeechChunk():
                return [event.audio]
            case ev.Status():
                return [f"{event.state}"]
            case Opened():
                return ["resumed" if event.resumed else "opened"]
            case Outcome():
                return [f"outcome {event.tag} {event.error.code if event.error else 'ok'}"]
            case Throttled():
                return [f"throttled {event.active}"]
            case ev.Transcript() | ev.Translation():
                return [event.text]
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        return [f"error {error.code}"]

    def close_code(self, error: DragomanError | None) -> int:
        return 1000 if error is None else 4000


_GERMAN = ev.TrackSpec(source_languages=("de",), target_languages=("es",))
_KLINGON = ev.TrackSpec(source_languages=("tlh",), target_languages=("es",))


class PlainDialect:
    """One conversation for every socket."""

    name = "plain"
    socket_paths: tuple[str, ...] = ("/test",)
    routes: tuple[Route, ...] = ()

    def __init__(self, conversation: Any = None) -> None:
        self.conversation = conversation if conversation is not None else PlainConversation()
        self.handshakes: list[Handshake] = []

    def converse(self, handshake: Handshake) -> Any:
        self.handshakes.append(handshake)
        return self.conversation


@dataclass
class DenyingConversation(PlainConversation):
    """Answers a wrong key over HTTP."""

    def deny(self, error: DragomanError) -> HttpResponse:
        return HttpResponse(401, {"code": str(error.code)}, {"x-reason": "key"})


@dataclass
class AnnouncingConversation(PlainConversation):
    """Says in the handshake's answer which of its languages become the target."""

    candidates: tuple[str, ...] = ("en-US", "tlh")
    target: str = "es"

    def announce(self, reaching: tuple[str, ...]) -> dict[str, str]:
        return {"X-Reaching": ",".join(reaching)}
