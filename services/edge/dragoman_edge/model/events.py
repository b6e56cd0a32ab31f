"""Events that a dialect renders: the mesh's and the session's own, for clients and viewers."""

from dataclasses import dataclass

from dragoman_contract.errors import DragomanError
from dragoman_contract.events import BroadcastState, Event, Spec
from dragoman_contract.rpc import KeptTranslation, SpeakerChange, Summary
from dragoman_edge.model.commands import BroadcastAction


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an `Update`; `error` is None, or the reason why nothing was changed.

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
class HeardSpeech:
    """Speech that was being played when it was stopped: up to sample `sample_offset` of the utterance's."""

    track: int
    utterance: int
    language: str
    sample_offset: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Speech on its way was given up: what of it was heard; `muted`: nothing is spoken from now on."""

    tag: str
    heard: tuple[HeardSpeech, ...]
    muted: bool


@dataclass(frozen=True, slots=True)
class SpeechSkipped:
    """A piece of speech that the client does not get, since it was stopped; it counts as received."""

    track: int
    utterance: int
    language: str
    sample_offset: int
    samples: int
    last: bool


@dataclass(frozen=True, slots=True)
class Resumed:
    """The session goes on as `spec` said; the first audio must be that of sample `audio_from`."""

    spec: Spec
    audio_from: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Numbers of viewers: watching, queued, the most at a time, all that ever came, and by language."""

    viewers: int = 0
    queued: int = 0
    peak: int = 0
    total: int = 0
    languages: tuple[tuple[str, int], ...] = ()  # of those that watch; "" = every language


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
class BroadcastInfo:
    """A session's broadcast when the session begins or is resumed; viewers find it by `token`."""

    id: str
    token: str
    state: BroadcastState
    audience: Audience
    spec: Spec | None = None


@dataclass(frozen=True, slots=True)
class BroadcastAck:
    """State of the broadcast after a host's command."""

    what: BroadcastAction
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
    on_air: BroadcastInfo | None = None
    notices: tuple[str, ...] = ()  # what of its spec is not heeded


@dataclass(frozen=True, slots=True)
class NotKept:
    """Records of a session that was to be kept are lost; `records` so far."""

    records: int


@dataclass(frozen=True, slots=True)
class AudioKept:
    """A piece of the session's recording is stored for good; `index` counts those of all tracks from 0."""

    track: int
    index: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class AudioNotKept:
    """The recording finds no place at the moment; it is tried again.

    `problem`: `full` = too much waits, and what is new is lost; `unavailable` = the store is away;
    `refused` = the store takes nothing.
    """

    problem: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The archive has the whole session; a summary may follow."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """The summary that was wished for is made; its text is read with the task."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class NotSummarised:
    """There is no summary; `code` is `summary_failed`, `summary_timeout` or `llm_content_filtered`."""

    code: str


@dataclass(frozen=True, slots=True)
class KeptLater:
    """The archive does not have the whole session yet at its end: it is away; the rest is stored later."""


# What a dialect renders
ServerEvent = (
    Event
    | Opened
    | Outcome
    | Throttled
    | SpeechStopped
    | SpeechSkipped
    | BroadcastAck
    | Audience
    | ViewerJoined
    | ViewerLeft
    | NotKept
    | AudioKept
    | AudioNotKept
    | Kept
    | KeptLater
    | Summarised
    | NotSummarised
)


# What it renders for those who watch
@dataclass(frozen=True, slots=True)
class SpeakersChanged:
    """The host has renamed, merged or exchanged speakers."""

    change: SpeakerChange


@dataclass(frozen=True, slots=True)
class TranslatedAgain:
    """A sentence has another translation."""

    made: KeptTranslation


ViewerEvent = Event | BroadcastState | Announcement | Placed | SpeakersChanged | TranslatedAgain
