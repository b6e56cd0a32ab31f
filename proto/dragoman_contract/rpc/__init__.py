"""Requests and replies on the bus, by subject. The .proto files say what each field means."""

from dragoman_contract.rpc.accounts import (
    AuthenticateReply,
    AuthenticateRequest,
    CloseReply,
    CloseRequest,
    IssueTokenReply,
    IssueTokenRequest,
    OpenReply,
    OpenRequest,
    QuoteReply,
    QuoteRequest,
    RateLimit,
    RenewReply,
    RenewRequest,
    ReserveReply,
    ReserveRequest,
)
from dragoman_contract.rpc.archive import (
    ChangeSpeakersReply,
    ChangeSpeakersRequest,
    ChangeTasksReply,
    ChangeTasksRequest,
    DeleteTasksReply,
    DeleteTasksRequest,
    Entry,
    EraseAccountReply,
    EraseAccountRequest,
    GetSummaryReply,
    GetSummaryRequest,
    GetTaskReply,
    GetTaskRequest,
    GetWebhookSecretReply,
    GetWebhookSecretRequest,
    KeepTranslationReply,
    KeepTranslationRequest,
    ListEntriesReply,
    ListEntriesRequest,
    ListTasksReply,
    ListTasksRequest,
    SummariseReply,
    SummariseRequest,
    Summary,
    Task,
    TaskChange,
    TaskState,
    TaskStoredReply,
    TaskStoredRequest,
)
from dragoman_contract.rpc.broadcast import (
    AdmissionReply,
    AdmissionReport,
    BroadcastNotice,
    QueuePlace,
    Viewer,
)
from dragoman_contract.rpc.capabilities import (
    CapabilitiesReply,
    CapabilitiesRequest,
    LanguagePair,
    ObtainablePair,
    VoiceInfo,
)
from dragoman_contract.rpc.enrolment import (
    DeleteSpeakerReply,
    DeleteSpeakerRequest,
    EnrolledSpeaker,
    EnrolSpeakerReply,
    EnrolSpeakerRequest,
    KnownSpeakersReply,
    KnownSpeakersRequest,
    ListSpeakersReply,
    ListSpeakersRequest,
)
from dragoman_contract.rpc.faults import Fault
from dragoman_contract.rpc.kept_records import (
    KeptChange,
    KeptRecord,
    KeptSentence,
    KeptTranslation,
    Speaker,
    SpeakerChange,
    SpeakerChangeKind,
    TaskBegun,
    TaskEnded,
)
from dragoman_contract.rpc.orders import OrderTexts, SpeechPace
from dragoman_contract.rpc.recognition import (
    EncodeVoiceReply,
    EncodeVoiceRequest,
    RecogniserSpec,
    StartTrack,
    TrackControl,
    TrackStarted,
    UnsureSpeaker,
    WorkerLoad,
)
from dragoman_contract.rpc.recordings import (
    AudioNotice,
    AudioPiece,
    GetAudioReply,
    GetAudioRequest,
    ReadAudioReply,
    ReadAudioRequest,
    TrackAudio,
)

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

__all__ = [
    "AdmissionReply",
    "AdmissionReport",
    "ArchiveReply",
    "ArchiveRequest",
    "AudioNotice",
    "AudioPiece",
    "AuthenticateReply",
    "AuthenticateRequest",
    "BroadcastNotice",
    "CapabilitiesReply",
    "CapabilitiesRequest",
    "ChangeSpeakersReply",
    "ChangeSpeakersRequest",
    "ChangeTasksReply",
    "ChangeTasksRequest",
    "CloseReply",
    "CloseRequest",
    "DeleteSpeakerReply",
    "DeleteSpeakerRequest",
    "DeleteTasksReply",
    "DeleteTasksRequest",
    "EncodeVoiceReply",
    "EncodeVoiceRequest",
    "EnrolSpeakerReply",
    "EnrolSpeakerRequest",
    "EnrolledSpeaker",
    "Entry",
    "EraseAccountReply",
    "EraseAccountRequest",
    "Fault",
    "GetAudioReply",
    "GetAudioRequest",
    "GetSummaryReply",
    "GetSummaryRequest",
    "GetTaskReply",
    "GetTaskRequest",
    "GetWebhookSecretReply",
    "GetWebhookSecretRequest",
    "IssueTokenReply",
    "IssueTokenRequest",
    "KeepTranslationReply",
    "KeepTranslationRequest",
    "KeptChange",
    "KeptRecord",
    "KeptSentence",
    "KeptTranslation",
    "KnownSpeakersReply",
    "KnownSpeakersRequest",
    "LanguagePair",
    "ListEntriesReply",
    "ListEntriesRequest",
    "ListSpeakersReply",
    "ListSpeakersRequest",
    "ListTasksReply",
    "ListTasksRequest",
    "Message",
    "ObtainablePair",
    "OpenReply",
    "OpenRequest",
    "OrderTexts",
    "QueuePlace",
    "QuoteReply",
    "QuoteRequest",
    "RateLimit",
    "ReadAudioReply",
    "ReadAudioRequest",
    "RecogniserSpec",
    "RenewReply",
    "RenewRequest",
    "ReserveReply",
    "ReserveRequest",
    "Speaker",
    "SpeakerChange",
    "SpeakerChangeKind",
    "SpeechPace",
    "StartTrack",
    "SummariseReply",
    "SummariseRequest",
    "Summary",
    "Task",
    "TaskBegun",
    "TaskChange",
    "TaskEnded",
    "TaskState",
    "TaskStoredReply",
    "TaskStoredRequest",
    "TrackAudio",
    "TrackControl",
    "TrackStarted",
    "UnsureSpeaker",
    "Viewer",
    "VoiceInfo",
    "WorkerLoad",
]
