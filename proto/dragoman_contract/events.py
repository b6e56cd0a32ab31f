"""The canonical messages: small, frozen, importing nothing of ours.

Field names are those of the .proto files, which say what each means; `codec` carries them over the wire.
Times are milliseconds of track time and sample counts are at 16 kHz unless a name says otherwise.
"""

from dataclasses import dataclass, field
from enum import StrEnum

SPEAKERS = "speakers"  # the feature: tell speakers apart
DENOISE = "background_voice_cancellation"  # the feature: suppress noise before recognition


class Stage(StrEnum):
    """The stage of the work at which a failure happened."""

    STT = "stt"
    TRANSLATION = "translation"
    TTS = "tts"


class State(StrEnum):
    """State of a session, told to the client in its dialect."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECOVERING = "recovering"
    DRAINING = "draining"
    ENDING = "ending"
    ENDED = "ended"


class Action(StrEnum):
    """Commands of the edge to a recogniser about a track."""

    FLUSH = "flush"
    END = "end"
    UPDATE = "update"
    CANCEL = "cancel"


class Show(StrEnum):
    """Progress of a broadcast, from standby to its end."""

    STANDBY = "standby"
    LIVE = "live"
    ENDED = "ended"


class Stability(StrEnum):
    """Share of a growing text that a listener is shown: live, steady or final."""

    UNSPECIFIED = "unspecified"  # as FINAL
    FINAL = "final"
    STEADY = "steady"
    LIVE = "live"


class OtherLanguages(StrEnum):
    """Treatment of speech in a language that was not named: as named, labelled or left out."""

    UNSPECIFIED = "unspecified"  # as AS_NAMED
    AS_NAMED = "as_named"
    LABEL = "label"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A source term and the target term that must come out for it."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpointing:
    """Thresholds that begin and end an utterance; zero means the recogniser's default."""

    silence_ms: int = 0
    max_utterance_ms: int = 0
    min_speech_ms: int = 0
    speech_threshold: float = 0.0
    silence_threshold: float = 0.0
    speech_pad_ms: int = 0
    first_min_speech_ms: int = 0
    silence_window_ms: int = 0
    ignore_initial_ms: int = 0
    min_volume_db: float = 0.0
    vad_signals: bool = False
    interrupt_min_speech_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChoice:
    """A wanted voice; an empty language is the default of all languages.

    `voice` is "male", "female" or the id of a voice; empty = any. A common name that no voice has, such as
    en-US-GuyNeural, says a gender (`common_voices`).
    """

    language: str = ""
    voice: str = ""
    rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A language described in words, for translators that can use it."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSpec:
    """One audio stream of a session and what becomes of it."""

    track: int = 0
    speaker: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    two_way: bool = False
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryWish:
    """A summary that is made when the session is over; `prompt` is the client's own instruction."""

    mode: str = ""
    template: str = ""
    prompt: str = ""
    language: str = ""
    plain_text: bool = False
    format: str = ""
    max_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """The part of a session that is kept, and its days; 0 days = as long as the tier allows."""

    text: bool = False
    audio: bool = False
    days: int = 0
    kind: str = ""
    where_allowed: bool = False
    summary: SummaryWish | None = None
    callback_url: str = ""
    callback_topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpeaker:
    """A speaker with an enrolled voice: int8 numbers whose direction counts; unread ones have an id alone."""

    id: str = ""
    name: str = ""
    print: bytes = b""
    spoken_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A client's request in canonical form."""

    dialect: str
    tracks: tuple[TrackSpec, ...]
    interim: bool = False
    final: bool = True
    translate: bool = True
    speech: bool = True
    voices: tuple[VoiceChoice, ...] = ()
    endpointing: Endpointing = field(default_factory=Endpointing)
    vocabulary: tuple[str, ...] = ()
    dictionary: tuple[Term, ...] = ()
    context: str = ""
    labels: tuple[Label, ...] = ()
    features: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    reference_id: str = ""
    corrections: tuple[Term, ...] = ()
    stability: Stability = Stability.UNSPECIFIED
    other_languages: OtherLanguages = OtherLanguages.UNSPECIFIED
    keep: Keep | None = None
    speakers: int = 0
    imported_ms: int = 0
    known_speakers: tuple[KnownSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """The engine that does the work; empty means the service's default."""

    engine: str = ""
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """Settings that accounts add to a session; never shown to a client."""

    stt: EngineChoice = field(default_factory=EngineChoice)
    translation: EngineChoice = field(default_factory=EngineChoice)
    tts: EngineChoice = field(default_factory=EngineChoice)
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Permission for a session, with the limits that accounts set."""

    session_id: str
    account_id: str
    key_id: str
    tier: str
    enrichment: Enrichment = field(default_factory=Enrichment)
    lease_ttl_ms: int
    credits_remaining: int
    max_duration_ms: int = 0
    keep_days: int = 0
    keep_audio: bool = False
    webhook_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """Instructions for translation and speech that travel with an utterance."""

    target_languages: tuple[str, ...] = ()
    speech: bool = False
    voices: tuple[VoiceChoice, ...] = ()
    dictionary: tuple[Term, ...] = ()
    context: str = ""
    labels: tuple[Label, ...] = ()
    translation: EngineChoice = field(default_factory=EngineChoice)
    tts: EngineChoice = field(default_factory=EngineChoice)
    patience_ms: int = 0
    account_id: str = ""
    texts: str = ""
    background: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A recognised word."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The utterance in another language, as the recogniser heard it, or as listeners have it so far."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A speaker's voice so far: int8 numbers whose direction counts."""

    speaker: int
    print: bytes
    spoken_ms: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Text of an utterance, interim or final."""

    session_id: str
    track: int
    epoch: int
    utterance: int
    revision: int
    final: bool
    text: str
    language: str
    start_ms: int
    duration_ms: int
    stable_length: int = 0
    language_probability: float = 0.0
    confidence: float = 0.0
    words: tuple[Word, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    covered_samples: int = 0
    work: WorkOrder = field(default_factory=WorkOrder)
    preceding: str = ""
    shown: tuple[Alternative, ...] = ()
    speaker: int = 0
    speaker_confidence: float = 0.0
    voice: Voice | None = None
    speaker_name: str = ""
    unsure: Voice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerCorrection:
    """The speaker of a final that was unsure, put right; `before` is the one that the final had."""

    session_id: str
    track: int
    epoch: int
    utterance: int
    speaker: int
    speaker_confidence: float
    speaker_name: str = ""
    before: int = 0
    name_before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """An utterance in one target language: tentative, of an interim, or final."""

    session_id: str
    track: int
    epoch: int
    utterance: int
    revision: int
    final: bool
    language: str
    text: str
    source_language: str
    source_text: str
    start_ms: int
    duration_ms: int
    work: WorkOrder = field(default_factory=WorkOrder)
    engine: str = ""
    concluded_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Place of a piece of the text in its speech, in ms and in characters."""

    offset_ms: int
    duration_ms: int
    text_offset: int
    text_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechChunk:
    """A piece of synthesised speech: PCM s16le mono 16 kHz."""

    session_id: str
    track: int
    epoch: int
    utterance: int
    language: str
    sample_offset: int
    audio: bytes
    last: bool
    boundaries: tuple[Boundary, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Notice of a result that will not come; takes its place in the ordered stream."""

    session_id: str
    track: int
    epoch: int
    utterance: int
    stage: Stage
    language: str = ""
    code: str
    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Change of a session's state."""

    session_id: str
    state: State
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastState:
    """State of a broadcast, told to its viewers."""

    show: Show = Show.STANDBY
    standby_message: str = ""
    live_from_ms: int = 0
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechActivity:
    """Speech began or ended on a track."""

    session_id: str
    track: int
    epoch: int
    speaking: bool
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A recogniser's sign of life for one track."""

    session_id: str
    track: int
    epoch: int
    worker_id: str
    received_samples: int
    covered_samples: int
    draining: bool = False
    last_utterance: int = 0
    at_rest: bool = False  # no utterance is open
    relocate: bool = False  # another recogniser has much more room


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackEnded:
    """The track is over: all its finals are published."""

    session_id: str
    track: int
    epoch: int
    last_utterance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Cumulative figures of a session; a later sequence replaces an earlier one."""

    session_id: str
    sequence: int
    recognised_ms: int = 0
    translated_ms: int = 0
    synthesised_ms: int = 0
    closing: bool = False
    account_id: str = ""
    edge_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """Accounts tell the edge to end a session."""

    session_id: str
    code: str
    message: str = ""


Event = (
    Transcript
    | Translation
    | SpeechChunk
    | Failure
    | Status
    | SpeechActivity
    | Heartbeat
    | TrackEnded
    | Usage
    | EndSession
    | SpeakerCorrection
)
