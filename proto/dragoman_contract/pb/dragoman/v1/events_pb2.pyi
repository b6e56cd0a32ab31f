from dragoman_contract.pb.dragoman.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_STT: _ClassVar[Stage]
    STAGE_TRANSLATION: _ClassVar[Stage]
    STAGE_TTS: _ClassVar[Stage]

class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_UNSPECIFIED: _ClassVar[State]
    STATE_CONNECTING: _ClassVar[State]
    STATE_CONNECTED: _ClassVar[State]
    STATE_RECOVERING: _ClassVar[State]
    STATE_DRAINING: _ClassVar[State]
    STATE_ENDING: _ClassVar[State]
    STATE_ENDED: _ClassVar[State]
STAGE_UNSPECIFIED: Stage
STAGE_STT: Stage
STAGE_TRANSLATION: Stage
STAGE_TTS: Stage
STATE_UNSPECIFIED: State
STATE_CONNECTING: State
STATE_CONNECTED: State
STATE_RECOVERING: State
STATE_DRAINING: State
STATE_ENDING: State
STATE_ENDED: State

class Word(_message.Message):
    __slots__ = ("text", "start_ms", "end_ms", "probability")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    text: str
    start_ms: int
    end_ms: int
    probability: float
    def __init__(self, text: _Optional[str] = ..., start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ..., probability: _Optional[float] = ...) -> None: ...

class Alternative(_message.Message):
    __slots__ = ("language", "text")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    language: str
    text: str
    def __init__(self, language: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Transcript(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "utterance", "revision", "final", "text", "stable_length", "language", "language_probability", "confidence", "start_ms", "duration_ms", "words", "alternatives", "covered_samples", "work", "preceding", "shown", "speaker", "speaker_confidence", "voice", "speaker_name", "unsure")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STABLE_LENGTH_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    COVERED_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    PRECEDING_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_NAME_FIELD_NUMBER: _ClassVar[int]
    UNSURE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    utterance: int
    revision: int
    final: bool
    text: str
    stable_length: int
    language: str
    language_probability: float
    confidence: float
    start_ms: int
    duration_ms: int
    words: _containers.RepeatedCompositeFieldContainer[Word]
    alternatives: _containers.RepeatedCompositeFieldContainer[Alternative]
    covered_samples: int
    work: _session_pb2.WorkOrder
    preceding: str
    shown: _containers.RepeatedCompositeFieldContainer[Alternative]
    speaker: int
    speaker_confidence: float
    voice: Voice
    speaker_name: str
    unsure: Voice
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., utterance: _Optional[int] = ..., revision: _Optional[int] = ..., final: _Optional[bool] = ..., text: _Optional[str] = ..., stable_length: _Optional[int] = ..., language: _Optional[str] = ..., language_probability: _Optional[float] = ..., confidence: _Optional[float] = ..., start_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., words: _Optional[_Iterable[_Union[Word, _Mapping]]] = ..., alternatives: _Optional[_Iterable[_Union[Alternative, _Mapping]]] = ..., covered_samples: _Optional[int] = ..., work: _Optional[_Union[_session_pb2.WorkOrder, _Mapping]] = ..., preceding: _Optional[str] = ..., shown: _Optional[_Iterable[_Union[Alternative, _Mapping]]] = ..., speaker: _Optional[int] = ..., speaker_confidence: _Optional[float] = ..., voice: _Optional[_Union[Voice, _Mapping]] = ..., speaker_name: _Optional[str] = ..., unsure: _Optional[_Union[Voice, _Mapping]] = ...) -> None: ...

class Voice(_message.Message):
    __slots__ = ("speaker", "print", "spoken_ms", "name")
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    PRINT_FIELD_NUMBER: _ClassVar[int]
    SPOKEN_MS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    speaker: int
    print: bytes
    spoken_ms: int
    name: str
    def __init__(self, speaker: _Optional[int] = ..., print: _Optional[bytes] = ..., spoken_ms: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class SpeakerCorrection(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "utterance", "speaker", "speaker_confidence", "speaker_name", "before", "name_before")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_NAME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    NAME_BEFORE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    utterance: int
    speaker: int
    speaker_confidence: float
    speaker_name: str
    before: int
    name_before: str
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., utterance: _Optional[int] = ..., speaker: _Optional[int] = ..., speaker_confidence: _Optional[float] = ..., speaker_name: _Optional[str] = ..., before: _Optional[int] = ..., name_before: _Optional[str] = ...) -> None: ...

class Translation(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "utterance", "revision", "final", "language", "text", "source_language", "source_text", "start_ms", "duration_ms", "work", "engine", "concluded_length")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_TEXT_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    CONCLUDED_LENGTH_FIELD_NUMBER: _ClassVar[int]
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
    work: _session_pb2.WorkOrder
    engine: str
    concluded_length: int
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., utterance: _Optional[int] = ..., revision: _Optional[int] = ..., final: _Optional[bool] = ..., language: _Optional[str] = ..., text: _Optional[str] = ..., source_language: _Optional[str] = ..., source_text: _Optional[str] = ..., start_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., work: _Optional[_Union[_session_pb2.WorkOrder, _Mapping]] = ..., engine: _Optional[str] = ..., concluded_length: _Optional[int] = ...) -> None: ...

class Boundary(_message.Message):
    __slots__ = ("offset_ms", "duration_ms", "text_offset", "text_length")
    OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    TEXT_OFFSET_FIELD_NUMBER: _ClassVar[int]
    TEXT_LENGTH_FIELD_NUMBER: _ClassVar[int]
    offset_ms: int
    duration_ms: int
    text_offset: int
    text_length: int
    def __init__(self, offset_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., text_offset: _Optional[int] = ..., text_length: _Optional[int] = ...) -> None: ...

class SpeechChunk(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "utterance", "language", "sample_offset", "audio", "last", "boundaries")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_OFFSET_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    BOUNDARIES_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    utterance: int
    language: str
    sample_offset: int
    audio: bytes
    last: bool
    boundaries: _containers.RepeatedCompositeFieldContainer[Boundary]
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., utterance: _Optional[int] = ..., language: _Optional[str] = ..., sample_offset: _Optional[int] = ..., audio: _Optional[bytes] = ..., last: _Optional[bool] = ..., boundaries: _Optional[_Iterable[_Union[Boundary, _Mapping]]] = ...) -> None: ...

class SpeechPace(_message.Message):
    __slots__ = ("session_id", "track", "language", "rate", "pause_ms")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    PAUSE_MS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    language: str
    rate: float
    pause_ms: int
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., language: _Optional[str] = ..., rate: _Optional[float] = ..., pause_ms: _Optional[int] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "utterance", "stage", "language", "code", "message", "retryable")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    utterance: int
    stage: Stage
    language: str
    code: str
    message: str
    retryable: bool
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., utterance: _Optional[int] = ..., stage: _Optional[_Union[Stage, str]] = ..., language: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., retryable: _Optional[bool] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("session_id", "state", "message")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    state: State
    message: str
    def __init__(self, session_id: _Optional[str] = ..., state: _Optional[_Union[State, str]] = ..., message: _Optional[str] = ...) -> None: ...

class SpeechActivity(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "speaking", "at_ms")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SPEAKING_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    speaking: bool
    at_ms: int
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., speaking: _Optional[bool] = ..., at_ms: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "worker_id", "received_samples", "covered_samples", "draining", "last_utterance", "at_rest", "relocate")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    COVERED_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    LAST_UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    AT_REST_FIELD_NUMBER: _ClassVar[int]
    RELOCATE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    worker_id: str
    received_samples: int
    covered_samples: int
    draining: bool
    last_utterance: int
    at_rest: bool
    relocate: bool
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., worker_id: _Optional[str] = ..., received_samples: _Optional[int] = ..., covered_samples: _Optional[int] = ..., draining: _Optional[bool] = ..., last_utterance: _Optional[int] = ..., at_rest: _Optional[bool] = ..., relocate: _Optional[bool] = ...) -> None: ...

class TrackEnded(_message.Message):
    __slots__ = ("session_id", "track", "epoch", "last_utterance")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    LAST_UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    track: int
    epoch: int
    last_utterance: int
    def __init__(self, session_id: _Optional[str] = ..., track: _Optional[int] = ..., epoch: _Optional[int] = ..., last_utterance: _Optional[int] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("session_id", "sequence", "recognised_ms", "translated_ms", "synthesised_ms", "closing", "account_id", "edge_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RECOGNISED_MS_FIELD_NUMBER: _ClassVar[int]
    TRANSLATED_MS_FIELD_NUMBER: _ClassVar[int]
    SYNTHESISED_MS_FIELD_NUMBER: _ClassVar[int]
    CLOSING_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    sequence: int
    recognised_ms: int
    translated_ms: int
    synthesised_ms: int
    closing: bool
    account_id: str
    edge_id: str
    def __init__(self, session_id: _Optional[str] = ..., sequence: _Optional[int] = ..., recognised_ms: _Optional[int] = ..., translated_ms: _Optional[int] = ..., synthesised_ms: _Optional[int] = ..., closing: _Optional[bool] = ..., account_id: _Optional[str] = ..., edge_id: _Optional[str] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("transcript", "translation", "speech_chunk", "failure", "status", "speech_activity", "heartbeat", "track_ended", "usage", "end_session", "speaker_correction")
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    SPEECH_CHUNK_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SPEECH_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    TRACK_ENDED_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    END_SESSION_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_CORRECTION_FIELD_NUMBER: _ClassVar[int]
    transcript: Transcript
    translation: Translation
    speech_chunk: SpeechChunk
    failure: Failure
    status: Status
    speech_activity: SpeechActivity
    heartbeat: Heartbeat
    track_ended: TrackEnded
    usage: Usage
    end_session: EndSession
    speaker_correction: SpeakerCorrection
    def __init__(self, transcript: _Optional[_Union[Transcript, _Mapping]] = ..., translation: _Optional[_Union[Translation, _Mapping]] = ..., speech_chunk: _Optional[_Union[SpeechChunk, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., status: _Optional[_Union[Status, _Mapping]] = ..., speech_activity: _Optional[_Union[SpeechActivity, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., track_ended: _Optional[_Union[TrackEnded, _Mapping]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., end_session: _Optional[_Union[EndSession, _Mapping]] = ..., speaker_correction: _Optional[_Union[SpeakerCorrection, _Mapping]] = ...) -> None: ...

class EndSession(_message.Message):
    __slots__ = ("session_id", "code", "message")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    code: str
    message: str
    def __init__(self, session_id: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
