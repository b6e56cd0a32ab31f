"""uvicorn's HTTP protocol with bounds before anything is known of the client: bytes, headers, time, turns."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dragoman_kit.turnstile import Turnstile, Waiting

HEAD_BYTES = 64 * 1024  # request line and headers; with a body, also what frames it
FRAMING = 8  # bytes that may frame one byte of a body: chunks of a single byte have 5
HEADERS = 100
PIECE = 16 * 1024  # what is parsed before the bounds are looked at again
HEAD_S, BODY_S = 10.0, 30.0  # a client has so long for its headers, and then for each part of its body
BODY_PART = 1 << 20  # bytes: a file may take longer than a form, as long as it comes


class BoundedHttp(HttpToolsProtocol):
    """For `uvicorn.Config(http=…)`. A request beyond the bounds is answered 400; a slow one is cut off.

    Args:
        turnstile: the server's; each request passes it before it is parsed. None = nothing waits.
        uvicorns: what uvicorn hands to a protocol.
    """

    _fed = _body = 0  # bytes of this request
    _timer: asyncio.TimerHandle | None = None
    _waiting: Waiting | None = None
    _let_in = False  # this request

    def __init__(self, *uvicorns: Any, turnstile: Turnstile | None = None, **named: Any) -> None:
        super().__init__(*uvicorns, **named)
        self._turnstile = turnstile

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called by the loop."""
        super().connection_made(transport)
        self._allow(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._stop_timer()
        if self._waiting is not None and self._turnstile is not None:
            self._turnstile.leave(self._waiting)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Called by the loop, with nothing more while a request waits for its turn."""
        if self._let_in or self._turnstile is None or not self._is_idle():
            self._parse(data)
            return
        self._let_in = True
        try:
            waiting = self._turnstile.enter(self._address(), len(data), lambda: self._admit(data))
        except OverflowError:
            self.transport.abort()
            return
        if waiting is not None:
            self._waiting = waiting
            self._unset_keepalive_if_required()
            self.transport.pause_reading()

    def on_response_complete(self) -> None:
        """Called by uvicorn; the connection's next request waits for its own turn."""
        self._let_in = False
        super().on_response_complete()

    def _admit(self, data: bytes) -> None:
        if self._waiting is not None:
            self._waiting = None
            if self.transport.is_closing():
                return
            self.transport.resume_reading()
        self._parse(data)

    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _parse(self, data: bytes) -> None:
        """The parser would keep a header of any length."""
        for start in range(0, len(data), PIECE):
            if self.transport.is_closing() or self.transport.get_protocol() is not self:  # refused, upgraded
                return
            piece = data[start : start + PIECE]
            self._fed += len(piece)
            super().data_received(piece)
            if self._fed - self._body > HEAD_BYTES + FRAMING * self._body:
                self.send_400_response("Request header fields too large.")
        if self._timer is None and self._is_idle() and self.transport.get_protocol() is self:  # no websocket
            self._allow(HEAD_S)  # empty lines before a request begin none

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self._fed = self._body = 0
        super().on_message_begin()
        if self._timer is None:
            self._allow(HEAD_S)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser, for trailers too.

        Raises:
            ValueError: there are too many; the parser answers 400.
        """
        if len(self.headers) >= HEADERS:
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._allow(BODY_S)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if self._body // BODY_PART != (self._body + len(body)) // BODY_PART:
            self._allow(BODY_S)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._stop_timer()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Called when the parser has met a websocket's handshake."""
        self._stop_timer()
        super().handle_websocket_upgrade()

    def _allow(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self.transport.abort()
