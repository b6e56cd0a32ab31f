from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CapabilitiesRequest(_message.Message):
    __slots__ = ("page",)
    PAGE_FIELD_NUMBER: _ClassVar[int]
    page: int
    def __init__(self, page: _Optional[int] = ...) -> None: ...

class LanguagePair(_message.Message):
    __slots__ = ("source", "target", "english", "chain", "quality", "heeds")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ENGLISH_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    HEEDS_FIELD_NUMBER: _ClassVar[int]
    source: str
    target: str
    english: bool
    chain: str
    quality: float
    heeds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, source: _Optional[str] = ..., target: _Optional[str] = ..., english: _Optional[bool] = ..., chain: _Optional[str] = ..., quality: _Optional[float] = ..., heeds: _Optional[_Iterable[str]] = ...) -> None: ...

class ObtainablePair(_message.Message):
    __slots__ = ("source", "target", "name")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    source: str
    target: str
    name: str
    def __init__(self, source: _Optional[str] = ..., target: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class VoiceInfo(_message.Message):
    __slots__ = ("id", "language", "gender", "engine")
    ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    id: str
    language: str
    gender: str
    engine: str
    def __init__(self, id: _Optional[str] = ..., language: _Optional[str] = ..., gender: _Optional[str] = ..., engine: _Optional[str] = ...) -> None: ...

class CapabilitiesReply(_message.Message):
    __slots__ = ("source_languages", "pairs", "voices", "build", "features", "obtainable", "pages")
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    VOICES_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    OBTAINABLE_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    pairs: _containers.RepeatedCompositeFieldContainer[LanguagePair]
    voices: _containers.RepeatedCompositeFieldContainer[VoiceInfo]
    build: str
    features: _containers.RepeatedScalarFieldContainer[str]
    obtainable: _containers.RepeatedCompositeFieldContainer[ObtainablePair]
    pages: int
    def __init__(self, source_languages: _Optional[_Iterable[str]] = ..., pairs: _Optional[_Iterable[_Union[LanguagePair, _Mapping]]] = ..., voices: _Optional[_Iterable[_Union[VoiceInfo, _Mapping]]] = ..., build: _Optional[str] = ..., features: _Optional[_Iterable[str]] = ..., obtainable: _Optional[_Iterable[_Union[ObtainablePair, _Mapping]]] = ..., pages: _Optional[int] = ...) -> None: ...
