"""uvicorn's websocket protocol with less work for each message, and bounds for clients that read nothing."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from secrets import token_bytes
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from dragoman_edge.server import frames
from dragoman_edge.server.inbox import Inbox

# Extensions of a socket's scope:
INBOX = "dragoman.inbox"  # its `Inbox`
PRESENCE = "dragoman.presence"  # who asks the client whether it is still there
WRITABLE = "dragoman.writable"  # an event: set while a message that is sent waits for nothing
WRITE = "dragoman.write"  # writes messages at once; only while it is writable
WAITING_BYTES = 1 << 16  # above it the socket is not read until the application has taken what waits
MESSAGE_BYTES = 64  # what a message counts beside its data
LINGER_S = 20.0  # after the application has ended, for a client to take what was written


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn.Config(ws=…)`. Reading is paused above `WAITING_BYTES`, not around each message."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._inbox = Inbox(self.loop)
        self._header = b""  # of a frame, cut off
        self._parsed = 0  # bytes of a frame that are still to go through the parser
        self._pong = b""
        self._question, self._answered = b"", False
        self._paused = False  # since the last ping
        self.queue = self._inbox  # type: ignore[assignment]  # uvicorn's puts, gets and asks whether it is empty

    def data_received(self, data: bytes) -> None:
        """Called with what was read; all but whole binary messages goes through uvicorn's parser."""
        if not self.handshake_initiated:
            return super().data_received(data)
        if self._header:
            data, self._header = self._header + data, b""
        place, end = 0, len(data)
        while place < end and self.conn.parser_exc is None:
            if not self._parsed:
                found = frames.payload(data, place)
                if found is None:
                    self._header = data[place:]
                    return None
                if found[1] <= end and self._is_whole(data, place, found):
                    self._take(frames.unmasked(data, *found))
                    place = found[1]
                    continue
                self._parsed = found[1] - place
            upto = min(end, place + self._parsed)
            self._parsed -= upto - place
            super().data_received(data[place:upto])
            place = upto
        return None

    def _is_whole(self, data: bytes, place: int, found: tuple[int, int]) -> bool:
        """Whether the frame at `place` is a binary message by itself that may be taken now."""
        conn = self.conn
        return (
            frames.is_binary_message(data, place)
            and conn.state is State.OPEN
            and not self.close_sent
            and conn.current_size is None  # no other message has begun
            and found[1] - found[0] <= self.config.ws_max_size
        )

    def _take(self, data: bytes) -> None:
        self._inbox.bytes += MESSAGE_BYTES + len(data)
        self._inbox.put_bytes(data)
        self._pause_when_full()

    def send_receive_event_to_app(self) -> None:
        """Called by uvicorn with each whole message."""
        if self.close_sent:  # it is discarded
            return super().send_receive_event_to_app()
        self._inbox.bytes += MESSAGE_BYTES + sum(map(len, self.frames))
        paused, self.read_paused = self.read_paused, True  # else uvicorn would pause now
        super().send_receive_event_to_app()
        self.read_paused = paused
        return self._pause_when_full()

    def _pause_when_full(self) -> None:
        full = self._inbox.bytes > WAITING_BYTES
        if full and not self.read_paused and not self.transport.is_closing():
            self.read_paused = self._paused = True
            self.transport.pause_reading()
            self._inbox.hurry()

    def handle_connect(self, event: Request) -> None:
        """The application may ask the client whether it is still there."""
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            mine: dict[str, Any] = {PRESENCE: self, INBOX: self._inbox, WRITABLE: self.writable}
            if not self.conn.extensions:  # which change the frames
                mine[WRITE] = self.write
            self.scope["extensions"] |= mine

    def write(self, messages: Iterable[str | bytes]) -> None:
        """Write messages at once, without all that lies between a session and its socket.

        Raises:
            ClientDisconnected: nobody reads any more.
        """
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(b"".join(map(frames.message, messages)))

    def ask(self) -> None:
        """Ping the client, outside of the keepalive."""
        self._question, self._answered = token_bytes(8), False
        if self.conn.state is not State.OPEN:
            return
        self.conn.send_ping(self._question)
        self.transport.write(b"".join(self.conn.data_to_send()))

    @property
    def answered(self) -> bool:
        """Whether the client has, and the application has taken all that it sent before."""
        return self._answered and self._inbox.empty()

    def handle_pong(self, event: Frame) -> None:
        """Called with each pong."""
        self._answered = self._answered or bytes(event.data) == self._question
        super().handle_pong(event)

    def handle_ping(self) -> None:
        """Answer the last ping only of a client that does not read: RFC 6455 section 5.5.3."""
        pongs = self.conn.data_to_send()  # to all pings of one read
        if self.writable.is_set():
            self.transport.write(b"".join(pongs))
        elif pongs:
            self._pong = pongs[-1]

    def resume_writing(self) -> None:
        """Called by the transport when the client has read."""
        super().resume_writing()
        pong, self._pong = self._pong, b""
        if pong:
            self.transport.write(pong)

    def send_keepalive_ping(self) -> None:
        """Called by a timer."""
        self._paused = self.read_paused
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """The pong may lie behind messages that were not read yet: then it has its time again."""
        if self._paused and self.ping_timeout is not None:
            self._paused = self.read_paused
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
        else:
            super().keepalive_timeout()

    async def run_asgi(self) -> None:
        """A client that never takes what was written is cut off in the end."""
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(LINGER_S, self.transport.abort)
