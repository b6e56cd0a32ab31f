from dragoman_contract.pb.dragoman.v1 import events_pb2 as _events_pb2
from dragoman_contract.pb.dragoman.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_UNSPECIFIED: _ClassVar[Action]
    ACTION_FLUSH: _ClassVar[Action]
    ACTION_END: _ClassVar[Action]
    ACTION_UPDATE: _ClassVar[Action]
    ACTION_CANCEL: _ClassVar[Action]
ACTION_UNSPECIFIED: Action
ACTION_FLUSH: Action
ACTION_END: Action
ACTION_UPDATE: Action
ACTION_CANCEL: Action

class RecogniserSpec(_message.Message):
    __slots__ = ("source_languages", "interim", "endpointing", "vocabulary", "context", "translate_to_english", "two_way", "settings", "denoise", "corrections", "other_languages", "candidates", "speakers", "known_speakers")
    class SettingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    INTERIM_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTING_FIELD_NUMBER: _ClassVar[int]
    VOCABULARY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TRANSLATE_TO_ENGLISH_FIELD_NUMBER: _ClassVar[int]
    TWO_WAY_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    DENOISE_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    OTHER_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    interim: bool
    endpointing: _session_pb2.Endpointing
    vocabulary: _containers.RepeatedScalarFieldContainer[str]
    context: str
    translate_to_english: bool
    two_way: bool
    settings: _containers.ScalarMap[str, str]
    denoise: bool
    corrections: _containers.RepeatedCompositeFieldContainer[_session_pb2.Term]
    other_languages: _session_pb2.OtherLanguages
    candidates: _containers.RepeatedScalarFieldContainer[str]
    speakers: int
    known_speakers: _containers.RepeatedCompositeFieldContainer[_session_pb2.KnownSpeaker]
    def __init__(self, source_languages: _Optional[_Iterable[str]] = ..., interim: _Optional[bool] = ..., endpointing: _Optional[_Union[_session_pb2.Endpointing, _Mapping]] = ..., vocabulary: _Optional[_Iterable[str]] = ..., context: _Optional[str] = ..., translate_to_english: _Optional[bool] = ..., two_way: _Optional[bool] = ..., settings: _Optional[_Mapping[str, str]] = ..., denoise: _Optional[bool] = ..., corrections: _Optional[_Iterable[_Union[_session_pb2.Term, _Mapping]]] = ..., other_languages: _Optional[_Union[_session_pb2.OtherLanguages, str]] = ..., candidates: _Optional[_Iterable[str]] = ..., speakers: _Optional[int] = ..., known_speakers: _Optional[_Iterable[_Union[_session_pb2.KnownSpeaker, _Mapping]]] = ...) -> None: ...

class UnsureSpeaker(_message.Message):
    __slots__ = ("utterance", "voice")
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    utterance: int
    voice: _events_pb2.Voice
    def __init__(self, utterance: _Optional[int] = ..., voice: _Optional[_Union[_events_pb2.Voice, _Mapping]] = ...) -> None: ...

class StartTrack(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "first_utterance", "first_sample", "spec", "work", "voices", "unsure")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FIRST_UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    VOICES_FIELD_NUMBER: _ClassVar[int]
    UNSURE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    first_utterance: int
    first_sample: int
    spec: RecogniserSpec
    work: _session_pb2.WorkOrder
    voices: _containers.RepeatedCompositeFieldContainer[_events_pb2.Voice]
    unsure: _containers.RepeatedCompositeFieldContainer[UnsureSpeaker]
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., first_utterance: _Optional[int] = ..., first_sample: _Optional[int] = ..., spec: _Optional[_Union[RecogniserSpec, _Mapping]] = ..., work: _Optional[_Union[_session_pb2.WorkOrder, _Mapping]] = ..., voices: _Optional[_Iterable[_Union[_events_pb2.Voice, _Mapping]]] = ..., unsure: _Optional[_Iterable[_Union[UnsureSpeaker, _Mapping]]] = ...) -> None: ...

class TrackStarted(_message.Message):
    __slots__ = ("worker_id", "fault", "engine")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    fault: Fault
    engine: str
    def __init__(self, worker_id: _Optional[str] = ..., fault: _Optional[_Union[Fault, _Mapping]] = ..., engine: _Optional[str] = ...) -> None: ...

class WorkerLoad(_message.Message):
    __slots__ = ("worker_id", "tracks", "room")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    tracks: int
    room: bool
    def __init__(self, worker_id: _Optional[str] = ..., tracks: _Optional[int] = ..., room: _Optional[bool] = ...) -> None: ...

class EncodeVoiceRequest(_message.Message):
    __slots__ = ("audio",)
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    audio: bytes
    def __init__(self, audio: _Optional[bytes] = ...) -> None: ...

class EncodeVoiceReply(_message.Message):
    __slots__ = ("fault", "print", "spoken_ms")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    PRINT_FIELD_NUMBER: _ClassVar[int]
    SPOKEN_MS_FIELD_NUMBER: _ClassVar[int]
    fault: Fault
    print: bytes
    spoken_ms: int
    def __init__(self, fault: _Optional[_Union[Fault, _Mapping]] = ..., print: _Optional[bytes] = ..., spoken_ms: _Optional[int] = ...) -> None: ...

class Fault(_message.Message):
    __slots__ = ("code", "message", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    retry_after_ms: int
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class TrackControl(_message.Message):
    __slots__ = ("action", "epoch", "after_sample", "spec", "work")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    AFTER_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    action: Action
    epoch: int
    after_sample: int
    spec: RecogniserSpec
    work: _session_pb2.WorkOrder
    def __init__(self, action: _Optional[_Union[Action, str]] = ..., epoch: _Optional[int] = ..., after_sample: _Optional[int] = ..., spec: _Optional[_Union[RecogniserSpec, _Mapping]] = ..., work: _Optional[_Union[_session_pb2.WorkOrder, _Mapping]] = ...) -> None: ...
