from dragoman_contract.pb.dragoman.v1 import recognition_pb2 as _recognition_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AudioPiece(_message.Message):
    __slots__ = ("session_id", "account_id", "started_at_ms", "days", "track", "index", "start_frame", "silence_frames", "packets", "end_sample")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    START_FRAME_FIELD_NUMBER: _ClassVar[int]
    SILENCE_FRAMES_FIELD_NUMBER: _ClassVar[int]
    PACKETS_FIELD_NUMBER: _ClassVar[int]
    END_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    track: int
    index: int
    start_frame: int
    silence_frames: int
    packets: _containers.RepeatedScalarFieldContainer[bytes]
    end_sample: int
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., started_at_ms: _Optional[int] = ..., days: _Optional[int] = ..., track: _Optional[int] = ..., index: _Optional[int] = ..., start_frame: _Optional[int] = ..., silence_frames: _Optional[int] = ..., packets: _Optional[_Iterable[bytes]] = ..., end_sample: _Optional[int] = ...) -> None: ...

class AudioNotice(_message.Message):
    __slots__ = ("track", "index", "frames", "problem")
    TRACK_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    track: int
    index: int
    frames: int
    problem: str
    def __init__(self, track: _Optional[int] = ..., index: _Optional[int] = ..., frames: _Optional[int] = ..., problem: _Optional[str] = ...) -> None: ...

class TrackAudio(_message.Message):
    __slots__ = ("track", "samples", "missing_ms", "bytes")
    TRACK_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    MISSING_MS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    track: int
    samples: int
    missing_ms: int
    bytes: int
    def __init__(self, track: _Optional[int] = ..., samples: _Optional[int] = ..., missing_ms: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class GetAudioRequest(_message.Message):
    __slots__ = ("account_id", "task_id", "key_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    key_id: str
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class GetAudioReply(_message.Message):
    __slots__ = ("fault", "tracks")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    tracks: _containers.RepeatedCompositeFieldContainer[TrackAudio]
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., tracks: _Optional[_Iterable[_Union[TrackAudio, _Mapping]]] = ...) -> None: ...

class ReadAudioRequest(_message.Message):
    __slots__ = ("account_id", "task_id", "key_id", "track", "offset", "limit")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    task_id: str
    key_id: str
    track: int
    offset: int
    limit: int
    def __init__(self, account_id: _Optional[str] = ..., task_id: _Optional[str] = ..., key_id: _Optional[str] = ..., track: _Optional[int] = ..., offset: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class ReadAudioReply(_message.Message):
    __slots__ = ("fault", "data")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    data: bytes
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...
