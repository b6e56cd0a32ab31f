"""Interface of a speaker, the same for each API. Pure: no sockets, no clocks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TEXT, BINARY = "text", "binary"
Sent = tuple[str, bytes]  # TEXT or BINARY, and the bytes


class WishError(Exception):
    """The API has no way to ask for it; the message is for people."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Switches of a session; an API without such a switch keeps its own behaviour.

    `resume`: keep the session while the connection is broken; `keep`: store its text and audio (native API).
    """

    source: str = "en-US"
    targets: tuple[str, ...] = ("es-ES",)
    interim: bool = True
    speech: bool = True
    resume: bool = False
    keep: bool = False

    @property
    def target(self) -> str:
        """Return the target language of an API with only one.

        Raises:
            WishError: there are several.
        """
        if len(self.targets) > 1:
            raise WishError(f"this API translates into one language, not {len(self.targets)}")
        return self.targets[0]


@dataclass(frozen=True, slots=True)
class Heard:
    """Meaning of a server's frame: `kind` is ready, interim, final, translation, speech or error.

    `start_ms`, `end_ms`: of the utterance in the session's audio, None and 0 where an API does not tell;
    `unix_ms` instead where it tells only the time of day of its end, the first sample being of the opening's.
    """

    kind: str
    utterance: str = ""
    start_ms: int | None = None
    end_ms: int = 0
    unix_ms: float = 0.0
    text: str = ""


@dataclass
class Speaker:
    """One session of one API. `hear` keeps what it needs between frames."""

    address: str
    headers: dict[str, str]
    first: list[Sent]
    audio: Callable[[bytes], Sent]
    hear: Callable[[str, bytes], Heard | None]
    last: list[Sent] = field(default_factory=list)  # says that no more audio comes
    ready_at_once: bool = False  # the API has no word for it


@dataclass(frozen=True, slots=True)
class Ask:
    """An HTTP request that an API wants before the socket; `then` makes the speaker of its answer's JSON."""

    method: str
    url: str
    headers: dict[str, str]
    then: Callable[[Any], Speaker]
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None  # sent as JSON
