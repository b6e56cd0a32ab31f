from dragoman_contract.pb.dragoman.v1 import recognition_pb2 as _recognition_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeptRecord(_message.Message):
    __slots__ = ("session_id", "account_id", "started_at_ms", "days", "begun", "sentence", "translation", "ended")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    begun: TaskBegun
    sentence: KeptSentence
    translation: KeptTranslation
    ended: TaskEnded
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., started_at_ms: _Optional[int] = ..., days: _Optional[int] = ..., begun: _Optional[_Union[TaskBegun, _Mapping]] = ..., sentence: _Optional[_Union[KeptSentence, _Mapping]] = ..., translation: _Optional[_Union[KeptTranslation, _Mapping]] = ..., ended: _Optional[_Union[TaskEnded, _Mapping]] = ...) -> None: ...

class TaskBegun(_message.Message):
    __slots__ = ("dialect", "reference_id", "source_languages", "target_languages")
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    dialect: str
    reference_id: str
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, dialect: _Optional[str] = ..., reference_id: _Optional[str] = ..., source_languages: _Optional[_Iterable[str]] = ..., target_languages: _Optional[_Iterable[str]] = ...) -> None: ...

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
    __slots__ = ("track", "utterance", "language", "text")
    TRACK_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    track: int
    utterance: int
    language: str
    text: str
    def __init__(self, track: _Optional[int] = ..., utterance: _Optional[int] = ..., language: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class TaskEnded(_message.Message):
    __slots__ = ("reason", "at_ms", "unkept")
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    UNKEPT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    at_ms: int
    unkept: int
    def __init__(self, reason: _Optional[str] = ..., at_ms: _Optional[int] = ..., unkept: _Optional[int] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("id", "dialect", "reference_id", "source_languages", "target_languages", "started_at_ms", "ended_at_ms", "delete_at_ms", "reason", "sentences", "unkept")
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
    def __init__(self, id: _Optional[str] = ..., dialect: _Optional[str] = ..., reference_id: _Optional[str] = ..., source_languages: _Optional[_Iterable[str]] = ..., target_languages: _Optional[_Iterable[str]] = ..., started_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., delete_at_ms: _Optional[int] = ..., reason: _Optional[str] = ..., sentences: _Optional[int] = ..., unkept: _Optional[int] = ...) -> None: ...

class Entry(_message.Message):
    __slots__ = ("sentence", "translations")
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    TRANSLATIONS_FIELD_NUMBER: _ClassVar[int]
    sentence: KeptSentence
    translations: _containers.RepeatedCompositeFieldContainer[KeptTranslation]
    def __init__(self, sentence: _Optional[_Union[KeptSentence, _Mapping]] = ..., translations: _Optional[_Iterable[_Union[KeptTranslation, _Mapping]]] = ...) -> None: ...

class ListTasksRequest(_message.Message):
    __slots__ = ("account_id", "limit", "after")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    limit: int
    after: str
    def __init__(self, account_id: _Optional[str] = ..., limit: _Optional[int] = ..., after: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("account_id", "task_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ...) -> None: ...

class GetTaskReply(_message.Message):
    __slots__ = ("fault", "task")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    task: Task
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., task: _Optional[_Union[Task, _Mapping]] = ...) -> None: ...

class ListEntriesRequest(_message.Message):
    __slots__ = ("account_id", "task_id", "limit", "after")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    limit: int
    after: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ..., limit: _Optional[int] = ..., after: _Optional[str] = ...) -> None: ...

class ListEntriesReply(_message.Message):
    __slots__ = ("fault", "entries", "next")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    entries: _containers.RepeatedCompositeFieldContainer[Entry]
    next: str
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., entries: _Optional[_Iterable[_Union[Entry, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class DeleteTaskRequest(_message.Message):
    __slots__ = ("account_id", "task_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ...) -> None: ...

class DeleteTaskReply(_message.Message):
    __slots__ = ("fault",)
    FAULT_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ...) -> None: ...
