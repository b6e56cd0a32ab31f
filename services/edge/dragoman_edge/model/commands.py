"""What a client can ask for, whatever its dialect; frozen, importing nothing but the contract."""

from dataclasses import dataclass, field
from enum import StrEnum

from dragoman_contract.errors import DragomanError
from dragoman_contract.events import BroadcastState, Event, Spec
from dragoman_edge.model.delivery_counts import Delivered

Frame = str | bytes  # a text or a binary websocket message


class Encoding(StrEnum):
    """How a dialect's samples are written."""

    PCM_S16LE = "pcm_s16le"
    PCM_U8 = "pcm_u8"
    MULAW = "mulaw"
    ALAW = "alaw"
    FLOAT32LE = "float32le"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A dialect's audio; `sample_rate` in Hz. Channels are interleaved; channel n is track n."""

    encoding: Encoding = Encoding.PCM_S16LE
    sample_rate: int = 16_000
    channels: int = 1

    @property
    def bytes_per_frame(self) -> int:
        """Bytes of one sample of every channel."""
        width = {Encoding.PCM_S16LE: 2, Encoding.FLOAT32LE: 4}.get(self.encoding, 1)
        return width * self.channels


@dataclass(frozen=True, slots=True)
class Broadcasting:
    """The session is for viewers, too: of the broadcast `name` (its id or token; empty = of a new one)."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """Begin the session."""

    spec: Spec
    audio_in: AudioFormat = field(default_factory=AudioFormat)
    audio_out: AudioFormat = field(default_factory=AudioFormat)
    credential: str = ""  # when the dialect carries it in its first message
    resumable: bool = False  # the client knows how to come back after its socket broke
    promised: str = ""  # the session id that its credential is for: gone on with where it runs already
    broadcast: Broadcasting | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a session whose socket broke.

    `received` is what the client has got of it; it will send audio from sample `audio_from` (16 kHz, counted
    from the first sample of the session) or later. None where the client counts nothing.
    """

    token: str
    received: Delivered | None
    audio_from: int | None
    credential: str = ""
    promised: str = ""  # the session id, when the credential itself is for it: then there is no token
    broadcast: Broadcasting | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """Speech; `format` where it is told with each message."""

    data: bytes
    format: AudioFormat | None = None


@dataclass(frozen=True, slots=True)
class Flush:
    """Finish the utterance that is open, on every track; after `grace_ms`, for audio that is on its way."""

    grace_ms: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """No more audio: send what is still to come, then close."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Frames that go back as they are: the dialect needs nothing of the mesh for them.

    `problem` is rendered as an `Outcome`: for what was wrong with a message and ends nothing.
    """

    frames: tuple[Frame, ...] = ()
    problem: DragomanError | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Go on as `spec` says, from the audio that is sent next; an `Outcome` with `tag` tells how it went.

    Tracks keep their numbers; more may join.
    """

    spec: Spec
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Translate or speak a text beside the session's own utterances.

    Its results come in order of the jobs, as events of the track `JOBS` with `number` (1, 2, 3 …) for the
    utterance. `translated`: the text is of the one target language already and is only to be spoken.
    """

    number: int
    text: str
    language: str
    target_languages: tuple[str, ...]
    speech: bool = False
    translated: bool = False
    source_text: str = ""
    duration_ms: int = 0  # of the speech it was, which is what a translation costs by
    tag: str = ""


JOBS = 1_000  # the track of the jobs


class Directing(StrEnum):
    """What the host of a broadcast does."""

    GO_LIVE = "go_live"
    ANNOUNCE = "announce"
    STANDBY_MESSAGE = "standby_message"


@dataclass(frozen=True, slots=True)
class Direct:
    """The host directs the broadcast; `text` is for the viewers. Answered by a `Directed`."""

    what: Directing
    text: str = ""


Command = Open | Resume | Audio | Flush | End | Answer | Update | Job | Direct


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an `Update` went: `error` is None, or why nothing was changed.

    Or why `job` was not taken: the number of the first such job is that of the next one.
    """

    tag: str
    error: DragomanError | None = None
    job: int = 0
    notices: tuple[str, ...] = ()  # what is not heeded any more


@dataclass(frozen=True, slots=True)
class Throttled:
    """The client sends faster than it may: it is not read for a while (`active`), or is read again."""

    active: bool


@dataclass(frozen=True, slots=True)
class Resumed:
    """The session goes on as `spec` said; the first audio must be that of sample `audio_from`."""

    spec: Spec
    audio_from: int


@dataclass(frozen=True, slots=True)
class Audience:
    """How many watch and wait now, how many watched at most, and how many ever did."""

    viewers: int = 0
    queued: int = 0
    peak: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class ViewerJoined:
    """Somebody watches now."""

    id: str
    source: str  # address
    language: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class ViewerLeft:
    """Somebody does not watch any more."""

    id: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class OnAir:
    """What a session shows to viewers, when it begins or is resumed; `token` is what they find it by."""

    id: str
    token: str
    state: BroadcastState
    audience: Audience


@dataclass(frozen=True, slots=True)
class Directed:
    """How the broadcast stands after a `Direct`."""

    what: Directing
    state: BroadcastState
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Announcement:
    """The host's word to the viewers."""

    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A viewer watches (`position` 0), or waits with `position` - 1 others before; None = for the host."""

    viewer_id: str
    position: int | None
    queued: int
    state: BroadcastState


@dataclass(frozen=True, slots=True)
class Opened:
    """The session is live; `started_at_ms` is the Unix time of sample 0 of its tracks."""

    session_id: str
    started_at_ms: int
    resume_token: str = ""  # empty = the session ends with its socket
    resume_window_ms: int = 0
    resumed: Resumed | None = None
    on_air: OnAir | None = None
    notices: tuple[str, ...] = ()  # what of its spec is not heeded


# What a dialect renders
Happening = Event | Opened | Outcome | Throttled | Directed | Audience | ViewerJoined | ViewerLeft
# What it renders for those who watch
Shown = Event | BroadcastState | Announcement | Placed


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
class HttpResponse:
    """Its answer; `body` becomes JSON."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)
