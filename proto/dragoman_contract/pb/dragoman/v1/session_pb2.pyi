from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Stability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STABILITY_UNSPECIFIED: _ClassVar[Stability]
    STABILITY_FINAL: _ClassVar[Stability]
    STABILITY_STEADY: _ClassVar[Stability]
    STABILITY_LIVE: _ClassVar[Stability]

class OtherLanguages(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OTHER_LANGUAGES_UNSPECIFIED: _ClassVar[OtherLanguages]
    OTHER_LANGUAGES_AS_NAMED: _ClassVar[OtherLanguages]
    OTHER_LANGUAGES_LABEL: _ClassVar[OtherLanguages]
    OTHER_LANGUAGES_LEAVE_OUT: _ClassVar[OtherLanguages]
STABILITY_UNSPECIFIED: Stability
STABILITY_FINAL: Stability
STABILITY_STEADY: Stability
STABILITY_LIVE: Stability
OTHER_LANGUAGES_UNSPECIFIED: OtherLanguages
OTHER_LANGUAGES_AS_NAMED: OtherLanguages
OTHER_LANGUAGES_LABEL: OtherLanguages
OTHER_LANGUAGES_LEAVE_OUT: OtherLanguages

class Term(_message.Message):
    __slots__ = ("source", "target")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    source: str
    target: str
    def __init__(self, source: _Optional[str] = ..., target: _Optional[str] = ...) -> None: ...

class Endpointing(_message.Message):
    __slots__ = ("silence_ms", "max_utterance_ms", "min_speech_ms", "speech_threshold", "silence_threshold", "speech_pad_ms", "first_min_speech_ms", "silence_window_ms", "ignore_initial_ms", "min_volume_db", "vad_signals", "interrupt_min_speech_ms")
    SILENCE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_UTTERANCE_MS_FIELD_NUMBER: _ClassVar[int]
    MIN_SPEECH_MS_FIELD_NUMBER: _ClassVar[int]
    SPEECH_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    SILENCE_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    SPEECH_PAD_MS_FIELD_NUMBER: _ClassVar[int]
    FIRST_MIN_SPEECH_MS_FIELD_NUMBER: _ClassVar[int]
    SILENCE_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    IGNORE_INITIAL_MS_FIELD_NUMBER: _ClassVar[int]
    MIN_VOLUME_DB_FIELD_NUMBER: _ClassVar[int]
    VAD_SIGNALS_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_MIN_SPEECH_MS_FIELD_NUMBER: _ClassVar[int]
    silence_ms: int
    max_utterance_ms: int
    min_speech_ms: int
    speech_threshold: float
    silence_threshold: float
    speech_pad_ms: int
    first_min_speech_ms: int
    silence_window_ms: int
    ignore_initial_ms: int
    min_volume_db: float
    vad_signals: bool
    interrupt_min_speech_ms: int
    def __init__(self, silence_ms: _Optional[int] = ..., max_utterance_ms: _Optional[int] = ..., min_speech_ms: _Optional[int] = ..., speech_threshold: _Optional[float] = ..., silence_threshold: _Optional[float] = ..., speech_pad_ms: _Optional[int] = ..., first_min_speech_ms: _Optional[int] = ..., silence_window_ms: _Optional[int] = ..., ignore_initial_ms: _Optional[int] = ..., min_volume_db: _Optional[float] = ..., vad_signals: _Optional[bool] = ..., interrupt_min_speech_ms: _Optional[int] = ...) -> None: ...

class VoiceChoice(_message.Message):
    __slots__ = ("language", "voice", "rate")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    language: str
    voice: str
    rate: float
    def __init__(self, language: _Optional[str] = ..., voice: _Optional[str] = ..., rate: _Optional[float] = ...) -> None: ...

class Label(_message.Message):
    __slots__ = ("language", "text")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    language: str
    text: str
    def __init__(self, language: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class TrackSpec(_message.Message):
    __slots__ = ("track", "speaker", "source_languages", "target_languages", "two_way", "candidates")
    TRACK_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TWO_WAY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    track: int
    speaker: str
    source_languages: _containers.RepeatedScalarFieldContainer[str]
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    two_way: bool
    candidates: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, track: _Optional[int] = ..., speaker: _Optional[str] = ..., source_languages: _Optional[_Iterable[str]] = ..., target_languages: _Optional[_Iterable[str]] = ..., two_way: _Optional[bool] = ..., candidates: _Optional[_Iterable[str]] = ...) -> None: ...

class SummaryWish(_message.Message):
    __slots__ = ("mode", "template", "prompt", "language", "plain_text", "format", "max_length")
    MODE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PLAIN_TEXT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
    mode: str
    template: str
    prompt: str
    language: str
    plain_text: bool
    format: str
    max_length: int
    def __init__(self, mode: _Optional[str] = ..., template: _Optional[str] = ..., prompt: _Optional[str] = ..., language: _Optional[str] = ..., plain_text: _Optional[bool] = ..., format: _Optional[str] = ..., max_length: _Optional[int] = ...) -> None: ...

class Keep(_message.Message):
    __slots__ = ("text", "days", "kind", "summary", "callback_url", "where_allowed", "audio", "callback_topics")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_URL_FIELD_NUMBER: _ClassVar[int]
    WHERE_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_TOPICS_FIELD_NUMBER: _ClassVar[int]
    text: bool
    days: int
    kind: str
    summary: SummaryWish
    callback_url: str
    where_allowed: bool
    audio: bool
    callback_topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, text: _Optional[bool] = ..., days: _Optional[int] = ..., kind: _Optional[str] = ..., summary: _Optional[_Union[SummaryWish, _Mapping]] = ..., callback_url: _Optional[str] = ..., where_allowed: _Optional[bool] = ..., audio: _Optional[bool] = ..., callback_topics: _Optional[_Iterable[str]] = ...) -> None: ...

class KnownSpeaker(_message.Message):
    __slots__ = ("id", "name", "print", "spoken_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRINT_FIELD_NUMBER: _ClassVar[int]
    SPOKEN_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    print: bytes
    spoken_ms: int
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., print: _Optional[bytes] = ..., spoken_ms: _Optional[int] = ...) -> None: ...

class Spec(_message.Message):
    __slots__ = ("dialect", "tracks", "interim", "final", "translate", "speech", "voices", "endpointing", "vocabulary", "dictionary", "context", "labels", "features", "metadata", "reference_id", "stability", "other_languages", "keep", "speakers", "known_speakers", "imported_ms", "corrections")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    INTERIM_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    TRANSLATE_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    VOICES_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTING_FIELD_NUMBER: _ClassVar[int]
    VOCABULARY_FIELD_NUMBER: _ClassVar[int]
    DICTIONARY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    STABILITY_FIELD_NUMBER: _ClassVar[int]
    OTHER_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    KEEP_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_MS_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    dialect: str
    tracks: _containers.RepeatedCompositeFieldContainer[TrackSpec]
    interim: bool
    final: bool
    translate: bool
    speech: bool
    voices: _containers.RepeatedCompositeFieldContainer[VoiceChoice]
    endpointing: Endpointing
    vocabulary: _containers.RepeatedScalarFieldContainer[str]
    dictionary: _containers.RepeatedCompositeFieldContainer[Term]
    context: str
    labels: _containers.RepeatedCompositeFieldContainer[Label]
    features: _containers.RepeatedScalarFieldContainer[str]
    metadata: _containers.ScalarMap[str, str]
    reference_id: str
    stability: Stability
    other_languages: OtherLanguages
    keep: Keep
    speakers: int
    known_speakers: _containers.RepeatedCompositeFieldContainer[KnownSpeaker]
    imported_ms: int
    corrections: _containers.RepeatedCompositeFieldContainer[Term]
    def __init__(self, dialect: _Optional[str] = ..., tracks: _Optional[_Iterable[_Union[TrackSpec, _Mapping]]] = ..., interim: _Optional[bool] = ..., final: _Optional[bool] = ..., translate: _Optional[bool] = ..., speech: _Optional[bool] = ..., voices: _Optional[_Iterable[_Union[VoiceChoice, _Mapping]]] = ..., endpointing: _Optional[_Union[Endpointing, _Mapping]] = ..., vocabulary: _Optional[_Iterable[str]] = ..., dictionary: _Optional[_Iterable[_Union[Term, _Mapping]]] = ..., context: _Optional[str] = ..., labels: _Optional[_Iterable[_Union[Label, _Mapping]]] = ..., features: _Optional[_Iterable[str]] = ..., metadata: _Optional[_Mapping[str, str]] = ..., reference_id: _Optional[str] = ..., stability: _Optional[_Union[Stability, str]] = ..., other_languages: _Optional[_Union[OtherLanguages, str]] = ..., keep: _Optional[_Union[Keep, _Mapping]] = ..., speakers: _Optional[int] = ..., known_speakers: _Optional[_Iterable[_Union[KnownSpeaker, _Mapping]]] = ..., imported_ms: _Optional[int] = ..., corrections: _Optional[_Iterable[_Union[Term, _Mapping]]] = ...) -> None: ...

class EngineChoice(_message.Message):
    __slots__ = ("engine", "settings")
    class SettingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    engine: str
    settings: _containers.ScalarMap[str, str]
    def __init__(self, engine: _Optional[str] = ..., settings: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Enrichment(_message.Message):
    __slots__ = ("stt", "translation", "tts", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STT_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    TTS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    stt: EngineChoice
    translation: EngineChoice
    tts: EngineChoice
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, stt: _Optional[_Union[EngineChoice, _Mapping]] = ..., translation: _Optional[_Union[EngineChoice, _Mapping]] = ..., tts: _Optional[_Union[EngineChoice, _Mapping]] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Grant(_message.Message):
    __slots__ = ("session_id", "account_id", "key_id", "tier", "enrichment", "lease_ttl_ms", "credits_remaining", "max_duration_ms", "keep_days", "keep_audio", "webhook_url")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_FIELD_NUMBER: _ClassVar[int]
    LEASE_TTL_MS_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    MAX_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    KEEP_DAYS_FIELD_NUMBER: _ClassVar[int]
    KEEP_AUDIO_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_URL_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    key_id: str
    tier: str
    enrichment: Enrichment
    lease_ttl_ms: int
    credits_remaining: int
    max_duration_ms: int
    keep_days: int
    keep_audio: bool
    webhook_url: str
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., tier: _Optional[str] = ..., enrichment: _Optional[_Union[Enrichment, _Mapping]] = ..., lease_ttl_ms: _Optional[int] = ..., credits_remaining: _Optional[int] = ..., max_duration_ms: _Optional[int] = ..., keep_days: _Optional[int] = ..., keep_audio: _Optional[bool] = ..., webhook_url: _Optional[str] = ...) -> None: ...

class WorkOrder(_message.Message):
    __slots__ = ("target_languages", "speech", "voices", "dictionary", "context", "labels", "translation", "tts", "patience_ms", "account_id", "background", "texts")
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    VOICES_FIELD_NUMBER: _ClassVar[int]
    DICTIONARY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    TTS_FIELD_NUMBER: _ClassVar[int]
    PATIENCE_MS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    speech: bool
    voices: _containers.RepeatedCompositeFieldContainer[VoiceChoice]
    dictionary: _containers.RepeatedCompositeFieldContainer[Term]
    context: str
    labels: _containers.RepeatedCompositeFieldContainer[Label]
    translation: EngineChoice
    tts: EngineChoice
    patience_ms: int
    account_id: str
    background: bool
    texts: str
    def __init__(self, target_languages: _Optional[_Iterable[str]] = ..., speech: _Optional[bool] = ..., voices: _Optional[_Iterable[_Union[VoiceChoice, _Mapping]]] = ..., dictionary: _Optional[_Iterable[_Union[Term, _Mapping]]] = ..., context: _Optional[str] = ..., labels: _Optional[_Iterable[_Union[Label, _Mapping]]] = ..., translation: _Optional[_Union[EngineChoice, _Mapping]] = ..., tts: _Optional[_Union[EngineChoice, _Mapping]] = ..., patience_ms: _Optional[int] = ..., account_id: _Optional[str] = ..., background: _Optional[bool] = ..., texts: _Optional[str] = ...) -> None: ...

class OrderTexts(_message.Message):
    __slots__ = ("dictionary", "context", "labels")
    DICTIONARY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    dictionary: _containers.RepeatedCompositeFieldContainer[Term]
    context: str
    labels: _containers.RepeatedCompositeFieldContainer[Label]
    def __init__(self, dictionary: _Optional[_Iterable[_Union[Term, _Mapping]]] = ..., context: _Optional[str] = ..., labels: _Optional[_Iterable[_Union[Label, _Mapping]]] = ...) -> None: ...
