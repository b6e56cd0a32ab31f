"""One websocket in its dialect's codec: frames to commands, frames out, and its close."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.api import Conversation, StreamsAudio
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Answer, Command, Frame
from dragoman_edge.model.events import Outcome
from dragoman_edge.model.http import Handshake
from dragoman_edge.server.clean_commands import safe
from dragoman_edge.server.farewell import farewell
from dragoman_edge.server.inbox import Inbox
from dragoman_edge.server.websocket import INBOX, PRESENCE, WRITABLE, WRITE
from dragoman_edge.session.intake import Client
from dragoman_edge.session.report import ClientGoneError
from dragoman_edge.settings import EdgeSettings

CLOSE_WAIT_S = 5.0
GOODBYE_WAIT_S = 0.5  # for the close frame that may be behind what was not read yet
GOODBYE = (1000, 1001, 1005)  # the client wants no more: RFC 6455 section 7.4.1


def _goodbye(message: Message) -> bool:
    """uvicorn says 1005 of a broken connection too, but only a close frame has a reason."""
    return "reason" in message and message.get("code", 1006) in GOODBYE


class Socket:
    """Frames in and out of one websocket, in its dialect's codec."""

    def __init__(self, socket: WebSocket, conversation: Conversation, settings: EdgeSettings) -> None:
        self._socket = socket
        self.conversation = conversation
        self._settings = settings
        self._early: deque[Message] = deque()  # what came while the session was opened
        extensions = socket.scope.get("extensions") or {}
        self._inbox: Inbox | None = extensions.get(INBOX)
        self._writable: asyncio.Event | None = extensions.get(WRITABLE)
        self._write: Callable[[Iterable[Frame]], None] | None = extensions.get(WRITE)

    @property
    def source(self) -> str:
        """The client's address."""
        return self._socket.client.host if self._socket.client else ""

    @property
    def client(self) -> Client | None:
        """The client, if it can be asked whether it is still there."""
        found: Client | None = (self._socket.scope.get("extensions") or {}).get(PRESENCE)
        return found

    @property
    def gathers(self) -> bool:
        """Whether small frames of audio can be gathered before they are read."""
        streams = isinstance(self.conversation, StreamsAudio) and self.conversation.streams_audio
        return streams and self._inbox is not None

    def gather(self, batching: AdaptiveBatching, fmt: AudioFormat) -> None:
        """From now on frames of audio in this format are gathered before they are read."""
        if self._inbox is not None:
            self._inbox.gather(batching, fmt.bytes_per_ms, self._settings.max_message_bytes)

    async def receive(self) -> Message:
        """The next message, of whatever kind."""
        return self._early.popleft() if self._early else await self._socket.receive()

    async def said_goodbye(self) -> bool:
        """Whether a socket that could not be written to any more was closed by its client's own word."""
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(GOODBYE_WAIT_S):
                while (message := await self.receive())["type"] != "websocket.disconnect":
                    pass
                return _goodbye(message)
        return False

    def put_back(self, message: Message) -> None:
        """Put a message back, to be received again."""
        self._early.append(message)

    async def commands(self) -> list[Command]:
        """Receive the next frame and return its commands.

        Raises:
            ClientGoneError: there is none.
            PeerError: it is too large, or not what the API documents.
        """
        message = await self.receive()
        if message["type"] == "websocket.disconnect":
            raise ClientGoneError(goodbye=_goodbye(message))
        frame: Frame = message["bytes"] if message.get("bytes") is not None else message["text"]
        if len(frame) > self._settings.max_message_bytes:
            limit = self._settings.max_message_bytes
            raise PeerError(
                FaultCode.TOO_LARGE, f"message of {len(frame)} bytes; at most {limit} are allowed"
            )
        return safe(self.conversation.receive(frame))

    async def answer(self, command: Command) -> None:
        """Frames that need no session."""
        if isinstance(command, Answer):
            problem = command.problem
            told = self.conversation.render(Outcome("", problem), unix_ms()) if problem else []
            await self.deliver((*command.frames, *told))

    async def deliver(self, frames: Iterable[Frame]) -> None:
        """Raises: ClientGoneError, also when the client takes nothing for too long."""
        try:
            if self._write is not None and self._writable is not None and self._writable.is_set():
                return self._write(frames)
            for frame in frames:
                if self._writable is not None and self._writable.is_set():
                    await self._send(frame)  # waits for nothing: a timer would cost as much
                else:
                    async with asyncio.timeout(self._settings.send_timeout_s):
                        await self._send(frame)
        except (WebSocketDisconnect, RuntimeError, OSError):  # RuntimeError: it was closed a moment ago
            raise ClientGoneError(goodbye=False) from None

    async def _send(self, frame: Frame) -> None:
        if isinstance(frame, bytes):
            await self._socket.send_bytes(frame)
        else:
            await self._socket.send_text(frame)

    async def close(self, error: DragomanError | None) -> None:
        """Say why in the dialect's words and close with its code; bounded, silent when nobody is there."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        frames, code = farewell(self.conversation, error, unix_ms())
        with contextlib.suppress(ClientGoneError, WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await self.deliver(frames)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await self._socket.close(code)


def handshake(socket: WebSocket) -> Handshake:
    """Return the opening request in the form for dialects."""
    return Handshake(
        path=socket.url.path,
        path_parameters={key: str(value) for key, value in socket.path_params.items()},
        query=dict(socket.query_params),
        headers=dict(socket.headers),
        subprotocols=tuple(socket.scope.get("subprotocols", ())),
        now_ms=unix_ms(),
    )


def unix_ms() -> int:
    """Unix time in ms."""
    return int(time.time() * 1000)
