"""Commands of a client, the same for every dialect; frozen, importing nothing but the contract."""

from dataclasses import dataclass, field
from enum import StrEnum

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError
from dragoman_contract.events import Spec
from dragoman_contract.subjects import TEXTS_TRACK
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.delivery_counts import DeliveryCounts

Frame = str | bytes  # a text or a binary websocket message


@dataclass(frozen=True, slots=True)
class BroadcastWanted:
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
    broadcast: BroadcastWanted | None = None
    texts_only: bool = False  # no audio comes: no recogniser is taken
    by_id: bool = False  # its client comes back by the session's id alone: then it is `promised`


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a session whose socket broke.

    `received` is what the client has got of it; it will send audio from sample `audio_from` (16 kHz, counted
    from the first sample of the session) or later. None where the client counts nothing.
    """

    token: str
    received: DeliveryCounts | None
    audio_from: int | None
    credential: str = ""
    promised: str = ""  # the session id, when the credential itself is for it: then there is no token
    broadcast: BroadcastWanted | None = None


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
class TextRequest:
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
    of: int = 0  # the utterance of track 0 that it translates again
    tag: str = ""


@dataclass(frozen=True, slots=True)
class StopSpeech:
    """Play nothing more of what has begun to be spoken; answered by a `SpeechStopped` with `tag`.

    `muted`: from now on nothing is played, or, where it is False, everything that comes is; None = as it was.
    """

    tag: str = ""
    muted: bool | None = None


JOBS = TEXTS_TRACK


class BroadcastAction(StrEnum):
    """Actions of a broadcast's host."""

    GO_LIVE = "go_live"
    ANNOUNCE = "announce"
    STANDBY_MESSAGE = "standby_message"


@dataclass(frozen=True, slots=True)
class BroadcastCommand:
    """The host directs the broadcast; `text` is for the viewers. Answered by a `Directed`."""

    what: BroadcastAction
    text: str = ""


@dataclass(frozen=True, slots=True)
class Amend:
    """The client changes what is kept of its session, and what viewers see: a speaker, or the title."""

    change: rpc.KeptChange


Command = (
    Open
    | Resume
    | Audio
    | Flush
    | End
    | Answer
    | Update
    | TextRequest
    | StopSpeech
    | BroadcastCommand
    | Amend
)
