"""Handshakes, requests and responses, free of any web framework."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Handshake:
    """The opening request of a socket. Header names are in lower case."""

    path: str
    path_parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    subprotocols: tuple[str, ...] = ()
    now_ms: int = 0  # Unix time


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request to one of a dialect's REST endpoints. Header names are in lower case."""

    method: str
    path: str
    path_parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    source: str  # the client's address
    base_url: str  # how clients reach this edge, e.g. "https://host"
    new_id: str  # random, for a handler that must name something
    build: str  # identity of the running build
    now_ms: int = 0  # Unix time


@dataclass(frozen=True, slots=True)
class Pieces:
    """Body of a response that goes out piece by piece.

    `pieces` yields texts or bytes, and questions as a REST handler does; it is sent the answers of those.
    `convert` is what the bytes of an Ogg Opus file become: "pcm" (s16le, 16 kHz), "m4a", or "" = as they are;
    `begin` stands before all of it.
    """

    media_type: str
    pieces: Generator[Any, Any, None]
    convert: str = ""
    begin: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Response to a request; `body` becomes JSON, unless it is `Pieces`."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)
