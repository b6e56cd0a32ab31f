from dragoman_contract.pb.dragoman.v1 import archive_pb2 as _archive_pb2
from dragoman_contract.pb.dragoman.v1 import recognition_pb2 as _recognition_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Show(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHOW_UNSPECIFIED: _ClassVar[Show]
    SHOW_STANDBY: _ClassVar[Show]
    SHOW_LIVE: _ClassVar[Show]
    SHOW_ENDED: _ClassVar[Show]
SHOW_UNSPECIFIED: Show
SHOW_STANDBY: Show
SHOW_LIVE: Show
SHOW_ENDED: Show

class BroadcastState(_message.Message):
    __slots__ = ("show", "standby_message", "live_from_ms", "source_languages", "target_languages")
    SHOW_FIELD_NUMBER: _ClassVar[int]
    STANDBY_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LIVE_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    show: Show
    standby_message: str
    live_from_ms: int
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, show: _Optional[_Union[Show, str]] = ..., standby_message: _Optional[str] = ..., live_from_ms: _Optional[int] = ..., source_languages: _Optional[_Iterable[str]] = ..., target_languages: _Optional[_Iterable[str]] = ...) -> None: ...

class BroadcastNotice(_message.Message):
    __slots__ = ("state", "announcement", "call", "speakers", "translation")
    STATE_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    state: BroadcastState
    announcement: str
    call: bool
    speakers: _archive_pb2.SpeakerChange
    translation: _archive_pb2.KeptTranslation
    def __init__(self, state: _Optional[_Union[BroadcastState, _Mapping]] = ..., announcement: _Optional[str] = ..., call: _Optional[bool] = ..., speakers: _Optional[_Union[_archive_pb2.SpeakerChange, _Mapping]] = ..., translation: _Optional[_Union[_archive_pb2.KeptTranslation, _Mapping]] = ...) -> None: ...

class Viewer(_message.Message):
    __slots__ = ("id", "source", "language", "speech", "since_ms", "watching", "back")
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    WATCHING_FIELD_NUMBER: _ClassVar[int]
    BACK_FIELD_NUMBER: _ClassVar[int]
    id: str
    source: str
    language: str
    speech: bool
    since_ms: int
    watching: bool
    back: bool
    def __init__(self, id: _Optional[str] = ..., source: _Optional[str] = ..., language: _Optional[str] = ..., speech: _Optional[bool] = ..., since_ms: _Optional[int] = ..., watching: _Optional[bool] = ..., back: _Optional[bool] = ...) -> None: ...

class AdmissionReport(_message.Message):
    __slots__ = ("edge_id", "all", "viewers", "left", "catch_up")
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    VIEWERS_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    CATCH_UP_FIELD_NUMBER: _ClassVar[int]
    edge_id: str
    all: bool
    viewers: _containers.RepeatedCompositeFieldContainer[Viewer]
    left: _containers.RepeatedScalarFieldContainer[str]
    catch_up: bool
    def __init__(self, edge_id: _Optional[str] = ..., all: _Optional[bool] = ..., viewers: _Optional[_Iterable[_Union[Viewer, _Mapping]]] = ..., left: _Optional[_Iterable[str]] = ..., catch_up: _Optional[bool] = ...) -> None: ...

class QueuePlace(_message.Message):
    __slots__ = ("viewer_id", "position")
    VIEWER_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    viewer_id: str
    position: int
    def __init__(self, viewer_id: _Optional[str] = ..., position: _Optional[int] = ...) -> None: ...

class AdmissionReply(_message.Message):
    __slots__ = ("fault", "unknown", "admitted", "queue", "state", "viewers", "queued", "said", "speakers")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    ADMITTED_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VIEWERS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    SAID_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    unknown: bool
    admitted: _containers.RepeatedScalarFieldContainer[str]
    queue: _containers.RepeatedCompositeFieldContainer[QueuePlace]
    state: BroadcastState
    viewers: int
    queued: int
    said: _containers.RepeatedScalarFieldContainer[bytes]
    speakers: _containers.RepeatedCompositeFieldContainer[_archive_pb2.SpeakerChange]
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., unknown: _Optional[bool] = ..., admitted: _Optional[_Iterable[str]] = ..., queue: _Optional[_Iterable[_Union[QueuePlace, _Mapping]]] = ..., state: _Optional[_Union[BroadcastState, _Mapping]] = ..., viewers: _Optional[int] = ..., queued: _Optional[int] = ..., said: _Optional[_Iterable[bytes]] = ..., speakers: _Optional[_Iterable[_Union[_archive_pb2.SpeakerChange, _Mapping]]] = ...) -> None: ...
