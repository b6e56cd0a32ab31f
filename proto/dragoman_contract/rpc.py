"""Requests and replies on the bus. Field names are those of the .proto files, which say what each means."""

from dataclasses import dataclass, field
from enum import StrEnum

from dragoman_contract.events import (
    Action,
    BroadcastState,
    Endpointing,
    Grant,
    KnownSpeaker,
    Label,
    OtherLanguages,
    Spec,
    SummaryWish,
    Term,
    Usage,
    Voice,
    WorkOrder,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why something was refused; `code` is a `FaultCode`."""

    code: str
    message: str = ""
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserSpec:
    """The part of a session's spec that a recogniser needs for a track."""

    source_languages: tuple[str, ...] = ()
    interim: bool = False
    endpointing: Endpointing = field(default_factory=Endpointing)
    vocabulary: tuple[str, ...] = ()
    context: str = ""
    translate_to_english: bool = False
    two_way: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    denoise: bool = False
    corrections: tuple[Term, ...] = ()
    other_languages: OtherLanguages = OtherLanguages.UNSPECIFIED
    candidates: tuple[str, ...] = ()
    speakers: int = 0
    known_speakers: tuple[KnownSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureSpeaker:
    """An utterance whose speaker is unsure, with its own voice; that one's speaker and name are its label."""

    utterance: int
    voice: Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrack:
    """Ask the queue group of recognisers for one."""

    session_id: str
    track: int
    epoch: int
    first_utterance: int
    first_sample: int
    spec: RecogniserSpec = field(default_factory=RecogniserSpec)
    work: WorkOrder = field(default_factory=WorkOrder)
    voices: tuple[Voice, ...] = ()
    unsure: tuple[UnsureSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStarted:
    """The recogniser that took the track, or the fault."""

    worker_id: str = ""
    fault: Fault | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLoad:
    """Current load of a recogniser: tracks in hand and room for more."""

    worker_id: str
    tracks: int = 0
    room: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeVoiceRequest:
    """Ask for the voice of a recording of one person: PCM s16le mono 16 kHz."""

    audio: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeVoiceReply:
    """The voice as int8 numbers, and the ms of speech it was made of, or the fault."""

    fault: Fault | None = None
    print: bytes = b""
    spoken_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackControl:
    """Steers a track, in order with its audio."""

    action: Action
    epoch: int
    after_sample: int = 0
    spec: RecogniserSpec | None = None
    work: WorkOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateRequest:
    """Request to check a credential, by its fingerprint."""

    credential: str
    source: str = ""
    dialect: str = ""
    session_id: str = ""
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateReply:
    """The owner of a credential, or the fault."""

    fault: Fault | None = None
    account_id: str = ""
    key_id: str = ""
    tier: str = ""
    claims: str = ""
    expires_at_ms: int = 0
    credits_remaining: int = 0
    token: bool = False
    max_keep_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTokenRequest:
    """Make `token` a short-lived credential bound to a key; both are fingerprints."""

    credential: str
    token: str
    source: str = ""
    dialect: str = ""
    ttl_ms: int
    single_use: bool = False
    claims: str = ""
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTokenReply:
    """The expiry and key of a token, or the fault."""

    fault: Fault | None = None
    expires_at_ms: int = 0
    key_id: str = ""
    account_id: str = ""
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """May this session begin? `credential` is a fingerprint."""

    credential: str
    source: str = ""
    session_id: str
    edge_id: str
    spec: Spec
    admitted: bool = False
    consumed_for: str = ""
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReply:
    """The grant, or the fault."""

    fault: Fault | None = None
    grant: Grant | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewRequest:
    """Keep the lease and extend the hold."""

    session_id: str
    account_id: str
    edge_id: str
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewReply:
    """Go on, or the fault for which the session must end."""

    fault: Fault | None = None
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRequest:
    """Hold the price of a text beside the speech."""

    session_id: str
    account_id: str
    edge_id: str
    usage: Usage
    translated_ms: int = 0
    synthesised_ms: int = 0
    target_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveReply:
    """The price is held, or the fault for which the text is refused."""

    fault: Fault | None = None
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """May an import begin, and what would it cost? `credential` is a fingerprint."""

    credential: str
    source: str = ""
    spec: Spec
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReply:
    """The most that an import costs, in micro-credits, or the fault for which it is refused."""

    fault: Fault | None = None
    price: int = 0
    price_per_minute: int = 0
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """Settle the session and free its lease."""

    session_id: str
    account_id: str
    usage: Usage
    reason: str = ""
    edge_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReply:
    """Final charge of a session, in micro-credits."""

    fault: Fault | None = None
    charged: int = 0
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTexts:
    """Texts of a work order that are stored once, because every utterance would carry them."""

    dictionary: tuple[Term, ...] = ()
    context: str = ""
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesRequest:
    """Request for a page of a service's capabilities."""

    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePair:
    """A pair that translation can serve, chains included; `english` = by the recogniser's own English."""

    source: str
    target: str
    english: bool = False
    chain: str = ""
    quality: float = 0.0
    heeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObtainablePair:
    """A model of the catalogue that is not here; `name` is what `dragoman models pull` takes."""

    source: str
    target: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceInfo:
    """A voice that tts can serve."""

    id: str
    language: str
    gender: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesReply:
    """Languages, pairs, voices and features of a worker service."""

    source_languages: tuple[str, ...] = ()
    pairs: tuple[LanguagePair, ...] = ()
    voices: tuple[VoiceInfo, ...] = ()
    build: str = ""
    features: tuple[str, ...] = ()
    obtainable: tuple[ObtainablePair, ...] = ()
    pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastNotice:
    """To all edges with viewers, in order with the broadcast's events; what is not set does not change."""

    state: BroadcastState | None = None
    announcement: str = ""
    call: bool = False
    speakers: "SpeakerChange | None" = None
    translation: "KeptTranslation | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who watches, or waits to."""

    id: str
    source: str = ""
    language: str = ""
    speech: bool = False
    since_ms: int = 0
    watching: bool = False
    back: bool = False  # names what it had last, so that it was here before


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionReport:
    """Viewers that came and went at one edge since its last report."""

    edge_id: str
    all: bool = False
    viewers: tuple[Viewer, ...] = ()
    left: tuple[str, ...] = ()
    catch_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """A viewer's place in the queue."""

    viewer_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionReply:
    """Viewers of one edge that are admitted, places of those that wait; events `said` last, if wanted."""

    fault: Fault | None = None
    unknown: bool = False
    admitted: tuple[str, ...] = ()
    queue: tuple[QueuePlace, ...] = ()
    state: BroadcastState | None = None
    viewers: int = 0
    queued: int = 0
    said: tuple[bytes, ...] = ()
    speakers: "tuple[SpeakerChange, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPace:
    """Rate of a session's next speech, as a factor on the rate that it wants, and its longest pause.

    Args:
        pause_ms: 0 = pauses as the voice makes them.
    """

    session_id: str
    track: int
    language: str
    rate: float
    pause_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBegun:
    """The session has begun."""

    dialect: str = ""
    reference_id: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    kind: str = ""
    summary: SummaryWish | None = None
    callback_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSentence:
    """A final transcript."""

    track: int
    utterance: int
    speaker: str = ""
    language: str = ""
    text: str = ""
    start_ms: int = 0
    duration_ms: int = 0
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTranslation:
    """A final translation of a kept sentence."""

    track: int
    utterance: int
    language: str
    text: str = ""
    revision: int = 0


class SpeakerChangeKind(StrEnum):
    """A change of speakers; `REASSIGN` and `CORRECT` are of one sentence, `MERGE` of all that one says."""

    RENAME = "rename"
    REASSIGN = "reassign"
    MERGE = "merge"
    CORRECT = "correct"  # as REASSIGN, if the sentence is still `target`'s


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerChange:
    """A change of a session's speakers: `label` of a rename, `target` of a merge, the place of a sentence."""

    kind: SpeakerChangeKind
    speaker: str
    label: str = ""
    target: str = ""
    track: int = 0
    utterance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A speaker whose name was changed, or who was merged into another."""

    id: str
    label: str = ""
    merged_into: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChange:
    """A change that the client of a running session makes of what is kept; an empty title stays as it is."""

    number: int = 0
    speakers: SpeakerChange | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded:
    """The session is over; `unkept` records of it could not be kept."""

    reason: str = ""
    at_ms: int = 0
    unkept: int = 0
    heard_ms: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """One record of a kept session: its begin, a sentence, a translation, a change or its end."""

    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    begun: TaskBegun | None = None
    sentence: KeptSentence | None = None
    translation: KeptTranslation | None = None
    ended: TaskEnded | None = None
    change: KeptChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A kept session; its id is the session's."""

    id: str
    dialect: str = ""
    reference_id: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    started_at_ms: int = 0
    ended_at_ms: int = 0
    delete_at_ms: int = 0
    reason: str = ""
    sentences: int = 0
    unkept: int = 0
    kind: str = ""
    heard_ms: int = 0
    failed: bool = False
    title: str = ""
    pinned: bool = False
    read: bool = False
    speakers: tuple[Speaker, ...] = ()
    audio_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A sentence with its translations, sorted by language."""

    sentence: KeptSentence
    translations: tuple[KeptTranslation, ...] = ()


class TaskState(StrEnum):
    """Tasks that are asked for."""

    UNSPECIFIED = "unspecified"  # all
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"


class TaskChange(StrEnum):
    """A change of tasks; `FAIL` gives up one whose end is not known."""

    RENAME = "rename"
    PIN = "pin"
    UNPIN = "unpin"
    READ = "read"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTasksRequest:
    """Request for a page of an account's tasks, the newest first; `key_id` asks."""

    account_id: str
    limit: int
    after: str = ""
    state: TaskState = TaskState.UNSPECIFIED
    key_id: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTasksReply:
    """A page of tasks; an empty `next` says that it is the last one."""

    fault: Fault | None = None
    tasks: tuple[Task, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTaskRequest:
    """Request for one task."""

    account_id: str
    task_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTaskReply:
    """The task, or the fault."""

    fault: Fault | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntriesRequest:
    """Request for a page of a task's sentences, by time and track."""

    account_id: str
    task_id: str
    limit: int
    after: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntriesReply:
    """A page of sentences; an empty `next` says that there are no more at this moment."""

    fault: Fault | None = None
    entries: tuple[Entry, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTasksRequest:
    """Order to change 1 to 100 tasks; those that there are not stay out."""

    account_id: str
    key_id: str = ""
    task_ids: tuple[str, ...]
    change: TaskChange
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTasksReply:
    """The tasks as they are now, or the fault."""

    fault: Fault | None = None
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTasksRequest:
    """Order to delete 1 to 100 tasks for good; those that there are not stay out."""

    account_id: str
    key_id: str = ""
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTasksReply:
    """Ids of the tasks that are deleted now, or the fault."""

    fault: Fault | None = None
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpeakersRequest:
    """Order to change the speakers of a task."""

    account_id: str
    key_id: str = ""
    task_id: str
    change: SpeakerChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpeakersReply:
    """The task as it is now, or the fault."""

    fault: Fault | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTranslationRequest:
    """Order to store a sentence's new translation."""

    account_id: str
    key_id: str = ""
    task_id: str
    translation: KeptTranslation


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTranslationReply:
    """Confirmation that the translation is stored, or the fault."""

    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A summary of a task; `state` is wanted, done or failed."""

    id: str
    state: str
    error: str = ""
    mode: str = ""
    template: str = ""
    language: str = ""
    plain_text: bool = False
    text: str = ""
    engine: str = ""
    fallback_level: int = 0
    dropped: tuple[int, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    made_at_ms: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSummaryRequest:
    """Request for the summary of a task."""

    account_id: str
    task_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSummaryReply:
    """The summary, None where none was wished for, or the fault."""

    fault: Fault | None = None
    summary: Summary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseRequest:
    """Order to make a summary of a task or of `content` at once; `store` replaces the task's."""

    account_id: str
    key_id: str = ""
    task_id: str = ""
    content: str = ""
    wish: SummaryWish | None = None
    store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseReply:
    """The summary, done or failed, or the fault."""

    fault: Fault | None = None
    summary: Summary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWebhookSecretRequest:
    """Request for the secret by which an account's webhooks are signed."""

    account_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWebhookSecretReply:
    """The secret, or the fault."""

    fault: Fault | None = None
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStoredRequest:
    """Question of a session's edge whether its task is stored to the end."""

    account_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStoredReply:
    """Whether the end is stored, and so everything before it, or the fault."""

    fault: Fault | None = None
    ended: bool = False
    audio_pieces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAccountRequest:
    """Order to delete everything that is kept of an account."""

    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAccountReply:
    """Number of the tasks that are deleted now, or the fault."""

    fault: Fault | None = None
    tasks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPiece:
    """A piece of a track's recording: Opus packets of 60 ms each, placed by the clock."""

    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    track: int
    index: int
    start_frame: int
    silence_frames: int = 0
    packets: tuple[bytes, ...] = ()
    end_sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioNotice:
    """A piece that the archive has stored, or cannot store at the moment."""

    track: int
    index: int
    frames: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackAudio:
    """The recording of one track."""

    track: int
    samples: int
    missing_ms: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAudioRequest:
    """Ask for the recordings of a task."""

    account_id: str
    task_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAudioReply:
    """The recordings by track, or the fault."""

    fault: Fault | None = None
    tracks: tuple[TrackAudio, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAudioRequest:
    """Ask for bytes of a track's Ogg Opus file."""

    account_id: str
    task_id: str
    key_id: str = ""
    track: int = 0
    offset: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAudioReply:
    """The bytes, or the fault."""

    fault: Fault | None = None
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledSpeaker:
    """A speaker whose voice is kept until `delete_at_ms`."""

    id: str
    name: str
    enrolled_at_ms: int
    delete_at_ms: int
    spoken_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSpeakerRequest:
    """Order to keep the voice of a person who has agreed to it."""

    account_id: str
    key_id: str = ""
    name: str
    print: bytes
    spoken_ms: int = 0
    days: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSpeakerReply:
    """The speaker, or the fault."""

    fault: Fault | None = None
    speaker: EnrolledSpeaker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpeakersRequest:
    """Ask for all speakers of an account."""

    account_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpeakersReply:
    """The speakers, or the fault."""

    fault: Fault | None = None
    speakers: tuple[EnrolledSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpeakersRequest:
    """Ask for voices of an account's speakers, for a session."""

    account_id: str
    key_id: str = ""
    speaker_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpeakersReply:
    """The voices in the order of the request, or the fault."""

    fault: Fault | None = None
    speakers: tuple[KnownSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSpeakerRequest:
    """Order to delete a speaker for good."""

    account_id: str
    key_id: str = ""
    speaker_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSpeakerReply:
    """Confirmation that the speaker is deleted, or the fault."""

    fault: Fault | None = None


ArchiveRequest = (
    ListTasksRequest | GetTaskRequest | ListEntriesRequest | ChangeTasksRequest | DeleteTasksRequest
    | GetSummaryRequest | GetWebhookSecretRequest | TaskStoredRequest | EraseAccountRequest
    | ChangeSpeakersRequest | KeepTranslationRequest | GetAudioRequest | ReadAudioRequest
    | SummariseRequest
    | EnrolSpeakerRequest | ListSpeakersRequest | KnownSpeakersRequest | DeleteSpeakerRequest
)  # fmt: skip
ArchiveReply = (
    ListTasksReply | GetTaskReply | ListEntriesReply | ChangeTasksReply | DeleteTasksReply
    | GetSummaryReply | GetWebhookSecretReply | TaskStoredReply | EraseAccountReply
    | ChangeSpeakersReply | KeepTranslationReply | GetAudioReply | ReadAudioReply
    | SummariseReply
    | EnrolSpeakerReply | ListSpeakersReply | KnownSpeakersReply | DeleteSpeakerReply
)  # fmt: skip

Message = (
    StartTrack
    | TrackStarted
    | EncodeVoiceRequest
    | EncodeVoiceReply
    | WorkerLoad
    | TrackControl
    | AuthenticateRequest
    | AuthenticateReply
    | IssueTokenRequest
    | IssueTokenReply
    | OpenRequest
    | OpenReply
    | RenewRequest
    | RenewReply
    | ReserveRequest
    | ReserveReply
    | QuoteRequest
    | QuoteReply
    | CloseRequest
    | CloseReply
    | CapabilitiesRequest
    | CapabilitiesReply
    | SpeechPace
    | BroadcastNotice
    | AdmissionReport
    | AdmissionReply
    | KeptRecord
    | AudioPiece
    | AudioNotice
    | ArchiveRequest
    | ArchiveReply
    | OrderTexts
)
