from dragoman_contract.pb.dragoman.v1 import recognition_pb2 as _recognition_pb2
from dragoman_contract.pb.dragoman.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SpeakerChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPEAKER_CHANGE_KIND_UNSPECIFIED: _ClassVar[SpeakerChangeKind]
    SPEAKER_CHANGE_KIND_RENAME: _ClassVar[SpeakerChangeKind]
    SPEAKER_CHANGE_KIND_REASSIGN: _ClassVar[SpeakerChangeKind]
    SPEAKER_CHANGE_KIND_MERGE: _ClassVar[SpeakerChangeKind]
    SPEAKER_CHANGE_KIND_CORRECT: _ClassVar[SpeakerChangeKind]

class TaskState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_STATE_UNSPECIFIED: _ClassVar[TaskState]
    TASK_STATE_ACTIVE: _ClassVar[TaskState]
    TASK_STATE_COMPLETED: _ClassVar[TaskState]
    TASK_STATE_FAILED: _ClassVar[TaskState]

class TaskChange(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_CHANGE_UNSPECIFIED: _ClassVar[TaskChange]
    TASK_CHANGE_RENAME: _ClassVar[TaskChange]
    TASK_CHANGE_PIN: _ClassVar[TaskChange]
    TASK_CHANGE_UNPIN: _ClassVar[TaskChange]
    TASK_CHANGE_READ: _ClassVar[TaskChange]
    TASK_CHANGE_FAIL: _ClassVar[TaskChange]
SPEAKER_CHANGE_KIND_UNSPECIFIED: SpeakerChangeKind
SPEAKER_CHANGE_KIND_RENAME: SpeakerChangeKind
SPEAKER_CHANGE_KIND_REASSIGN: SpeakerChangeKind
SPEAKER_CHANGE_KIND_MERGE: SpeakerChangeKind
SPEAKER_CHANGE_KIND_CORRECT: SpeakerChangeKind
TASK_STATE_UNSPECIFIED: TaskState
TASK_STATE_ACTIVE: TaskState
TASK_STATE_COMPLETED: TaskState
TASK_STATE_FAILED: TaskState
TASK_CHANGE_UNSPECIFIED: TaskChange
TASK_CHANGE_RENAME: TaskChange
TASK_CHANGE_PIN: TaskChange
TASK_CHANGE_UNPIN: TaskChange
TASK_CHANGE_READ: TaskChange
TASK_CHANGE_FAIL: TaskChange

class KeptRecord(_message.Message):
    __slots__ = ("session_id", "account_id", "started_at_ms", "days", "begun", "sentence", "translation", "ended", "change")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    begun: TaskBegun
    sentence: KeptSentence
    translation: KeptTranslation
    ended: TaskEnded
    change: KeptChange
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., started_at_ms: _Optional[int] = ..., days: _Optional[int] = ..., begun: _Optional[_Union[TaskBegun, _Mapping]] = ..., sentence: _Optional[_Union[KeptSentence, _Mapping]] = ..., translation: _Optional[_Union[KeptTranslation, _Mapping]] = ..., ended: _Optional[_Union[TaskEnded, _Mapping]] = ..., change: _Optional[_Union[KeptChange, _Mapping]] = ...) -> None: ...

class TaskBegun(_message.Message):
    __slots__ = ("dialect", "reference_id", "source_languages", "target_languages", "kind", "summary", "callback_url", "callback_topics")
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_URL_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_TOPICS_FIELD_NUMBER: _ClassVar[int]
    dialect: str
    reference_id: str
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    kind: str
    summary: _session_pb2.SummaryWish
    callback_url: str
    callback_topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, dialect: _Optional[str] = ..., reference_id: _Optional[str] = ..., source_languages: _Optional[_Iterable[str]] = ..., target_languages: _Optional[_Iterable[str]] = ..., kind: _Optional[str] = ..., summary: _Optional[_Union[_session_pb2.SummaryWish, _Mapping]] = ..., callback_url: _Optional[str] = ..., callback_topics: _Optional[_Iterable[str]] = ...) -> None: ...

class KeptChange(_message.Message):
    __slots__ = ("number", "speakers", "title")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    number: int
    speakers: SpeakerChange
    title: str
    def __init__(self, number: _Optional[int] = ..., speakers: _Optional[_Union[SpeakerChange, _Mapping]] = ..., title: _Optional[str] = ...) -> None: ...

class SpeakerChange(_message.Message):
    __slots__ = ("kind", "speaker", "label", "target", "track", "utterance")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    kind: SpeakerChangeKind
    speaker: str
    label: str
    target: str
    track: int
    utterance: int
    def __init__(self, kind: _Optional[_Union[SpeakerChangeKind, str]] = ..., speaker: _Optional[str] = ..., label: _Optional[str] = ..., target: _Optional[str] = ..., track: _Optional[int] = ..., utterance: _Optional[int] = ...) -> None: ...

class Speaker(_message.Message):
    __slots__ = ("id", "label", "merged_into")
    ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    id: str
    label: str
    merged_into: str
    def __init__(self, id: _Optional[str] = ..., label: _Optional[str] = ..., merged_into: _Optional[str] = ...) -> None: ...

class KeptSentence(_message.Message):
    __slots__ = ("track", "utterance", "speaker", "language", "text", "start_ms", "duration_ms", "confidence")
    TRACK_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    track: int
    utterance: int
    speaker: str
    language: str
    text: str
    start_ms: int
    duration_ms: int
    confidence: float
    def __init__(self, track: _Optional[int] = ..., utterance: _Optional[int] = ..., speaker: _Optional[str] = ..., language: _Optional[str] = ..., text: _Optional[str] = ..., start_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., confidence: _Optional[float] = ...) -> None: ...

class KeptTranslation(_message.Message):
    __slots__ = ("track", "utterance", "language", "text", "revision")
    TRACK_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    track: int
    utterance: int
    language: str
    text: str
    revision: int
    def __init__(self, track: _Optional[int] = ..., utterance: _Optional[int] = ..., language: _Optional[str] = ..., text: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class TaskEnded(_message.Message):
    __slots__ = ("reason", "at_ms", "unkept", "heard_ms", "audio_pieces", "lost")
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    UNKEPT_FIELD_NUMBER: _ClassVar[int]
    HEARD_MS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_PIECES_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    reason: str
    at_ms: int
    unkept: int
    heard_ms: int
    audio_pieces: int
    lost: bool
    def __init__(self, reason: _Optional[str] = ..., at_ms: _Optional[int] = ..., unkept: _Optional[int] = ..., heard_ms: _Optional[int] = ..., audio_pieces: _Optional[int] = ..., lost: _Optional[bool] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("id", "dialect", "reference_id", "source_languages", "target_languages", "started_at_ms", "ended_at_ms", "delete_at_ms", "reason", "sentences", "unkept", "kind", "heard_ms", "failed", "title", "pinned", "read", "speakers", "audio_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DELETE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SENTENCES_FIELD_NUMBER: _ClassVar[int]
    UNKEPT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HEARD_MS_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    dialect: str
    reference_id: str
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    started_at_ms: int
    ended_at_ms: int
    delete_at_ms: int
    reason: str
    sentences: int
    unkept: int
    kind: str
    heard_ms: int
    failed: bool
    title: str
    pinned: bool
    read: bool
    speakers: _containers.RepeatedCompositeFieldContainer[Speaker]
    audio_ms: int
    def __init__(self, id: _Optional[str] = ..., dialect: _Optional[str] = ..., reference_id: _Optional[str] = ..., source_languages: _Optional[_Iterable[str]] = ..., target_languages: _Optional[_Iterable[str]] = ..., started_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., delete_at_ms: _Optional[int] = ..., reason: _Optional[str] = ..., sentences: _Optional[int] = ..., unkept: _Optional[int] = ..., kind: _Optional[str] = ..., heard_ms: _Optional[int] = ..., failed: _Optional[bool] = ..., title: _Optional[str] = ..., pinned: _Optional[bool] = ..., read: _Optional[bool] = ..., speakers: _Optional[_Iterable[_Union[Speaker, _Mapping]]] = ..., audio_ms: _Optional[int] = ...) -> None: ...

class Entry(_message.Message):
    __slots__ = ("sentence", "translations")
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    TRANSLATIONS_FIELD_NUMBER: _ClassVar[int]
    sentence: KeptSentence
    translations: _containers.RepeatedCompositeFieldContainer[KeptTranslation]
    def __init__(self, sentence: _Optional[_Union[KeptSentence, _Mapping]] = ..., translations: _Optional[_Iterable[_Union[KeptTranslation, _Mapping]]] = ...) -> None: ...

class ListTasksRequest(_message.Message):
    __slots__ = ("account_id", "limit", "after", "state", "key_id", "kind")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    limit: int
    after: str
    state: TaskState
    key_id: str
    kind: str
    def __init__(self, account_id: _Optional[str] = ..., limit: _Optional[int] = ..., after: _Optional[str] = ..., state: _Optional[_Union[TaskState, str]] = ..., key_id: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class ListTasksReply(_message.Message):
    __slots__ = ("fault", "tasks", "next")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    tasks: _containers.RepeatedCompositeFieldContainer[Task]
    next: str
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., tasks: _Optional[_Iterable[_Union[Task, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class GetTaskRequest(_message.Message):
    __slots__ = ("account_id", "task_id", "key_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    key_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class GetTaskReply(_message.Message):
    __slots__ = ("fault", "task")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    task: Task
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., task: _Optional[_Union[Task, _Mapping]] = ...) -> None: ...

class ListEntriesRequest(_message.Message):
    __slots__ = ("account_id", "task_id", "limit", "after", "key_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    limit: int
    after: str
    key_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ..., limit: _Optional[int] = ..., after: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class ListEntriesReply(_message.Message):
    __slots__ = ("fault", "entries", "next")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    entries: _containers.RepeatedCompositeFieldContainer[Entry]
    next: str
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., entries: _Optional[_Iterable[_Union[Entry, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class ChangeTasksRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "task_ids", "change", "title")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    task_ids: _containers.RepeatedScalarFieldContainer[str]
    change: TaskChange
    title: str
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., task_ids: _Optional[_Iterable[str]] = ..., change: _Optional[_Union[TaskChange, str]] = ..., title: _Optional[str] = ...) -> None: ...

class ChangeTasksReply(_message.Message):
    __slots__ = ("fault", "tasks")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    tasks: _containers.RepeatedCompositeFieldContainer[Task]
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., tasks: _Optional[_Iterable[_Union[Task, _Mapping]]] = ...) -> None: ...

class DeleteTasksRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "task_ids")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    task_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., task_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteTasksReply(_message.Message):
    __slots__ = ("fault", "task_ids")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    task_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., task_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ChangeSpeakersRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "task_id", "change")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    task_id: str
    change: SpeakerChange
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., task_id: _Optional[str] = ..., change: _Optional[_Union[SpeakerChange, _Mapping]] = ...) -> None: ...

class ChangeSpeakersReply(_message.Message):
    __slots__ = ("fault", "task")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    task: Task
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., task: _Optional[_Union[Task, _Mapping]] = ...) -> None: ...

class KeepTranslationRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "task_id", "translation")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    task_id: str
    translation: KeptTranslation
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., task_id: _Optional[str] = ..., translation: _Optional[_Union[KeptTranslation, _Mapping]] = ...) -> None: ...

class KeepTranslationReply(_message.Message):
    __slots__ = ("fault",)
    FAULT_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ...) -> None: ...

class Summary(_message.Message):
    __slots__ = ("id", "state", "error", "mode", "template", "language", "plain_text", "text", "engine", "fallback_level", "dropped", "input_tokens", "output_tokens", "made_at_ms", "revision")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PLAIN_TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: str
    error: str
    mode: str
    template: str
    language: str
    plain_text: bool
    text: str
    engine: str
    fallback_level: int
    dropped: _containers.RepeatedScalarFieldContainer[int]
    input_tokens: int
    output_tokens: int
    made_at_ms: int
    revision: int
    def __init__(self, id: _Optional[str] = ..., state: _Optional[str] = ..., error: _Optional[str] = ..., mode: _Optional[str] = ..., template: _Optional[str] = ..., language: _Optional[str] = ..., plain_text: _Optional[bool] = ..., text: _Optional[str] = ..., engine: _Optional[str] = ..., fallback_level: _Optional[int] = ..., dropped: _Optional[_Iterable[int]] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., made_at_ms: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

class GetSummaryRequest(_message.Message):
    __slots__ = ("account_id", "task_id", "key_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    key_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class GetSummaryReply(_message.Message):
    __slots__ = ("fault", "summary")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    summary: Summary
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ...) -> None: ...

class SummariseRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "task_id", "content", "wish", "store")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    WISH_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    task_id: str
    content: str
    wish: _session_pb2.SummaryWish
    store: bool
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., task_id: _Optional[str] = ..., content: _Optional[str] = ..., wish: _Optional[_Union[_session_pb2.SummaryWish, _Mapping]] = ..., store: _Optional[bool] = ...) -> None: ...

class SummariseReply(_message.Message):
    __slots__ = ("fault", "summary")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    summary: Summary
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ...) -> None: ...

class GetWebhookSecretRequest(_message.Message):
    __slots__ = ("account_id", "key_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class GetWebhookSecretReply(_message.Message):
    __slots__ = ("fault", "secret")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    secret: str
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., secret: _Optional[str] = ...) -> None: ...

class TaskStoredRequest(_message.Message):
    __slots__ = ("account_id", "task_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ...) -> None: ...

class TaskStoredReply(_message.Message):
    __slots__ = ("fault", "ended", "audio_pieces")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    AUDIO_PIECES_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    ended: bool
    audio_pieces: int
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., ended: _Optional[bool] = ..., audio_pieces: _Optional[int] = ...) -> None: ...

class EraseAccountRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class EraseAccountReply(_message.Message):
    __slots__ = ("fault", "tasks")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    tasks: int
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., tasks: _Optional[int] = ...) -> None: ...

class EnrolledSpeaker(_message.Message):
    __slots__ = ("id", "name", "enrolled_at_ms", "delete_at_ms", "spoken_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DELETE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    SPOKEN_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    enrolled_at_ms: int
    delete_at_ms: int
    spoken_ms: int
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., enrolled_at_ms: _Optional[int] = ..., delete_at_ms: _Optional[int] = ..., spoken_ms: _Optional[int] = ...) -> None: ...

class EnrolSpeakerRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "name", "print", "spoken_ms", "days")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRINT_FIELD_NUMBER: _ClassVar[int]
    SPOKEN_MS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    name: str
    print: bytes
    spoken_ms: int
    days: int
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., name: _Optional[str] = ..., print: _Optional[bytes] = ..., spoken_ms: _Optional[int] = ..., days: _Optional[int] = ...) -> None: ...

class EnrolSpeakerReply(_message.Message):
    __slots__ = ("fault", "speaker")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    speaker: EnrolledSpeaker
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., speaker: _Optional[_Union[EnrolledSpeaker, _Mapping]] = ...) -> None: ...

class ListSpeakersRequest(_message.Message):
    __slots__ = ("account_id", "key_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class ListSpeakersReply(_message.Message):
    __slots__ = ("fault", "speakers")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    speakers: _containers.RepeatedCompositeFieldContainer[EnrolledSpeaker]
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., speakers: _Optional[_Iterable[_Union[EnrolledSpeaker, _Mapping]]] = ...) -> None: ...

class KnownSpeakersRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "speaker_ids")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_IDS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    speaker_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., speaker_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class KnownSpeakersReply(_message.Message):
    __slots__ = ("fault", "speakers")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    speakers: _containers.RepeatedCompositeFieldContainer[_session_pb2.KnownSpeaker]
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., speakers: _Optional[_Iterable[_Union[_session_pb2.KnownSpeaker, _Mapping]]] = ...) -> None: ...

class DeleteSpeakerRequest(_message.Message):
    __slots__ = ("account_id", "key_id", "speaker_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_id: str
    speaker_id: str
    def __init__(self, account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., speaker_id: _Optional[str] = ...) -> None: ...

class DeleteSpeakerReply(_message.Message):
    __slots__ = ("fault",)
    FAULT_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ...) -> None: ...
