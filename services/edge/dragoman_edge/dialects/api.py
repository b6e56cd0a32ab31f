"""What a dialect is: one vendor API as a pure codec. No socket, clock, bus or await in it.

Another dialect is one module with a `Dialect`, its tests, and a line in `dialects/__init__.py`.
"""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from pydantic import ValidationError

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.model.commands import (
    Command,
    Frame,
    Handshake,
    Happening,
    HttpRequest,
    HttpResponse,
    Shown,
)


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember `value` under `key` for a day, for all edges; answered by the value that is there then.

    A key is tokens joined by dots, the account's id first. With `only_new` a value that is there stays.
    """

    key: str
    value: str
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """Answered by what is remembered under `key`, or None."""

    key: str


@dataclass(frozen=True, slots=True)
class Names:
    """Answered by the last tokens of all keys that are `prefix` and one token more, sorted."""

    prefix: str


@dataclass(frozen=True, slots=True)
class IsLive:
    """Answered by whether the session runs, or waits for its client to come back."""

    session_id: str


@dataclass(frozen=True, slots=True)
class EndLive:
    """End a running session: results in hand still go out. Answered by None."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Room:
    """Answered by None, if another session could begin now; else the request is refused with `BUSY`."""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """Refused, if no worker can do it; else answered by what of it will not be heeded, in words."""

    spec: ev.Spec


@dataclass(frozen=True, slots=True)
class ListLanguages:
    """Answered by the `Languages`."""


@dataclass(frozen=True, slots=True)
class Languages:
    """What is recognised, translated and spoken, as the services tell it."""

    recognised: tuple[str, ...] = ()
    pairs: tuple[rpc.LanguagePair, ...] = ()
    voices: tuple[rpc.VoiceInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class BroadcastWish:
    """What is wanted of a broadcast; `max_viewers` 0 = any number, no password = for everybody."""

    name: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    password: str = ""
    max_viewers: int = 0
    standby_message: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast and how it stands; times are Unix milliseconds, 0 = not yet."""

    id: str
    token: str  # what viewers find it by
    name: str
    has_password: bool
    max_viewers: int
    source_languages: tuple[str, ...]
    target_languages: tuple[str, ...]
    standby_message: str
    show: ev.Show
    session_id: str
    hosted: bool  # its host is there, or may come back
    viewers: int
    queued: int
    peak: int
    total: int
    created_at_ms: int
    started_at_ms: int
    live_at_ms: int
    ended_at_ms: int


@dataclass(frozen=True, slots=True)
class MakeBroadcast:
    """Answered by the new `Broadcast`."""

    account_id: str
    wish: BroadcastWish


@dataclass(frozen=True, slots=True)
class FindBroadcast:
    """Answered by the `Broadcast`, or None. `name` is its token, or its id where the account is given."""

    name: str
    account_id: str = ""  # only this one's


@dataclass(frozen=True, slots=True)
class EndBroadcast:
    """Nobody hosts or watches it any more. Answered by None."""

    token: str


@dataclass(frozen=True, slots=True)
class Admit:
    """A viewer's password; answered by `Admitted`, unless it is wrong or was tried too often."""

    token: str
    password: str
    source: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """With `access` a viewer may begin to watch, until `expires_at_ms` (Unix time)."""

    access: str
    expires_at_ms: int


BroadcastAsk = MakeBroadcast | FindBroadcast | EndBroadcast | Admit
LanguageAsk = CheckSpec | ListLanguages
Ask = rpc.Message | LanguageAsk | Room | Keep | Find | Names | IsLive | EndLive | BroadcastAsk
# A REST handler yields what it asks accounts and the edges, is sent the answers, and returns its own.
Exchange = Generator[Ask, Any, HttpResponse]


@dataclass(frozen=True, slots=True)
class Route:
    """A REST endpoint of a dialect; `path` in FastAPI's form."""

    method: str
    path: str
    handle: Callable[[HttpRequest], Exchange]
    refuse: Callable[[DragomanError], HttpResponse]


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

    def render(self, event: Happening, now_ms: int) -> list[Frame]:
        """Events of the model → frames out; `now_ms` is Unix time. Empty where the API is silent."""

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """The API's own form of an error."""

    def close_code(self, error: DragomanError | None) -> int:
        """The code to close the socket with: after `error`, or normally."""


@runtime_checkable
class Denies(Protocol):
    """Of a conversation whose API answers the handshake of a wrong or missing key over HTTP."""

    def deny(self, error: DragomanError) -> HttpResponse:
        """The answer instead of a socket."""


@runtime_checkable
class Announces(Protocol):
    """Of a conversation whose handshake is answered with the languages that it can serve."""

    candidates: tuple[str, ...]  # BCP 47; empty = nothing is announced
    target: str  # what they are to become

    def announce(self, reaching: tuple[str, ...]) -> dict[str, str]:
        """The headers of the answer; `reaching` are the candidates that become the target here."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a viewer wants: the broadcast `token` in one translation (empty = all), with its speech."""

    token: str
    language: str = ""
    speech: bool = False
    access: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Rendered once, for every viewer whom it concerns: those of `language` (empty = all), or with speech."""

    data: str
    language: str = ""
    speech: bool = False
    interim: tuple[object, ...] = ()  # what supersedes it; empty = it is not superseded


class Viewing(Protocol):
    """The codec of one broadcast for its viewers: events of the model → lines of text."""

    def render(self, event: Shown, now_ms: int) -> list[Line]:
        """Called once for each event, in order; `now_ms` is Unix time."""


@runtime_checkable
class Shows(Protocol):
    """Of a dialect whose sessions can have viewers, by server-sent events."""

    watch_path: str

    def watch(self, request: HttpRequest) -> Watch:
        """Raises: PeerError, when it is not what the API documents."""

    def viewing(self) -> Viewing:
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


def parse_object(text: str, limit: int = 256 * 1024) -> dict[str, Any]:
    """A JSON object out of a text frame.

    Raises:
        PeerError: `TOO_LARGE` or `BAD_REQUEST`.
    """
    if len(text) > limit:
        raise PeerError(FaultCode.TOO_LARGE, f"text message of more than {limit} characters")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise PeerError(FaultCode.BAD_REQUEST, "text message is not JSON") from exc
    if not isinstance(value, dict):
        raise PeerError(FaultCode.BAD_REQUEST, "text message is not a JSON object")
    return value


def explain(exc: ValidationError) -> str:
    """Where the first error is and what it is, without the value."""
    first = exc.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def dump(value: object) -> str:
    """A JSON text frame."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()  # a lone surrogate of the client is no text


def authorization(headers: Mapping[str, str], query: Mapping[str, str], schemes: tuple[str, ...]) -> str:
    """The credential of `Authorization` (header, else query) after one of the schemes, in any case."""
    text = headers.get("authorization") or query.get("authorization") or ""
    scheme, _, credential = text.strip().partition(" ")
    return credential.strip() if scheme.lower() in schemes else ""
