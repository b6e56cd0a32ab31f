from dragoman_contract.pb.dragoman.v1 import events_pb2 as _events_pb2
from dragoman_contract.pb.dragoman.v1 import recognition_pb2 as _recognition_pb2
from dragoman_contract.pb.dragoman.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuthenticateRequest(_message.Message):
    __slots__ = ("credential", "source", "dialect", "session_id", "credential_prefix")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_PREFIX_FIELD_NUMBER: _ClassVar[int]
    credential: str
    source: str
    dialect: str
    session_id: str
    credential_prefix: str
    def __init__(self, credential: _Optional[str] = ..., source: _Optional[str] = ..., dialect: _Optional[str] = ..., session_id: _Optional[str] = ..., credential_prefix: _Optional[str] = ...) -> None: ...

class RateLimit(_message.Message):
    __slots__ = ("limit", "remaining", "reset_ms")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    RESET_MS_FIELD_NUMBER: _ClassVar[int]
    limit: int
    remaining: int
    reset_ms: int
    def __init__(self, limit: _Optional[int] = ..., remaining: _Optional[int] = ..., reset_ms: _Optional[int] = ...) -> None: ...

class AuthenticateReply(_message.Message):
    __slots__ = ("fault", "account_id", "key_id", "tier", "claims", "expires_at_ms", "credits_remaining", "token", "max_keep_days", "rate")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    MAX_KEEP_DAYS_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    account_id: str
    key_id: str
    tier: str
    claims: str
    expires_at_ms: int
    credits_remaining: int
    token: bool
    max_keep_days: int
    rate: RateLimit
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., account_id: _Optional[str] = ..., key_id: _Optional[str] = ..., tier: _Optional[str] = ..., claims: _Optional[str] = ..., expires_at_ms: _Optional[int] = ..., credits_remaining: _Optional[int] = ..., token: _Optional[bool] = ..., max_keep_days: _Optional[int] = ..., rate: _Optional[_Union[RateLimit, _Mapping]] = ...) -> None: ...

class IssueTokenRequest(_message.Message):
    __slots__ = ("credential", "source", "dialect", "ttl_ms", "single_use", "claims", "token", "credential_prefix")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    TTL_MS_FIELD_NUMBER: _ClassVar[int]
    SINGLE_USE_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_PREFIX_FIELD_NUMBER: _ClassVar[int]
    credential: str
    source: str
    dialect: str
    ttl_ms: int
    single_use: bool
    claims: str
    token: str
    credential_prefix: str
    def __init__(self, credential: _Optional[str] = ..., source: _Optional[str] = ..., dialect: _Optional[str] = ..., ttl_ms: _Optional[int] = ..., single_use: _Optional[bool] = ..., claims: _Optional[str] = ..., token: _Optional[str] = ..., credential_prefix: _Optional[str] = ...) -> None: ...

class IssueTokenReply(_message.Message):
    __slots__ = ("fault", "expires_at_ms", "key_id", "account_id", "credits_remaining", "rate")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    expires_at_ms: int
    key_id: str
    account_id: str
    credits_remaining: int
    rate: RateLimit
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., expires_at_ms: _Optional[int] = ..., key_id: _Optional[str] = ..., account_id: _Optional[str] = ..., credits_remaining: _Optional[int] = ..., rate: _Optional[_Union[RateLimit, _Mapping]] = ...) -> None: ...

class OpenRequest(_message.Message):
    __slots__ = ("credential", "source", "session_id", "edge_id", "spec", "admitted", "consumed_for", "credential_prefix")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    ADMITTED_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_FOR_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_PREFIX_FIELD_NUMBER: _ClassVar[int]
    credential: str
    source: str
    session_id: str
    edge_id: str
    spec: _session_pb2.Spec
    admitted: bool
    consumed_for: str
    credential_prefix: str
    def __init__(self, credential: _Optional[str] = ..., source: _Optional[str] = ..., session_id: _Optional[str] = ..., edge_id: _Optional[str] = ..., spec: _Optional[_Union[_session_pb2.Spec, _Mapping]] = ..., admitted: _Optional[bool] = ..., consumed_for: _Optional[str] = ..., credential_prefix: _Optional[str] = ...) -> None: ...

class OpenReply(_message.Message):
    __slots__ = ("fault", "grant", "usage")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    grant: _session_pb2.Grant
    usage: _events_pb2.Usage
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., grant: _Optional[_Union[_session_pb2.Grant, _Mapping]] = ..., usage: _Optional[_Union[_events_pb2.Usage, _Mapping]] = ...) -> None: ...

class RenewRequest(_message.Message):
    __slots__ = ("session_id", "account_id", "edge_id", "usage")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    edge_id: str
    usage: _events_pb2.Usage
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., edge_id: _Optional[str] = ..., usage: _Optional[_Union[_events_pb2.Usage, _Mapping]] = ...) -> None: ...

class RenewReply(_message.Message):
    __slots__ = ("fault", "credits_remaining")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    credits_remaining: int
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., credits_remaining: _Optional[int] = ...) -> None: ...

class ReserveRequest(_message.Message):
    __slots__ = ("session_id", "account_id", "edge_id", "usage", "translated_ms", "synthesised_ms", "target_languages")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    TRANSLATED_MS_FIELD_NUMBER: _ClassVar[int]
    SYNTHESISED_MS_FIELD_NUMBER: _ClassVar[int]
    TARGET_LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    edge_id: str
    usage: _events_pb2.Usage
    translated_ms: int
    synthesised_ms: int
    target_languages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., edge_id: _Optional[str] = ..., usage: _Optional[_Union[_events_pb2.Usage, _Mapping]] = ..., translated_ms: _Optional[int] = ..., synthesised_ms: _Optional[int] = ..., target_languages: _Optional[_Iterable[str]] = ...) -> None: ...

class ReserveReply(_message.Message):
    __slots__ = ("fault", "credits_remaining")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    credits_remaining: int
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., credits_remaining: _Optional[int] = ...) -> None: ...

class QuoteRequest(_message.Message):
    __slots__ = ("credential", "source", "spec", "credential_prefix")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_PREFIX_FIELD_NUMBER: _ClassVar[int]
    credential: str
    source: str
    spec: _session_pb2.Spec
    credential_prefix: str
    def __init__(self, credential: _Optional[str] = ..., source: _Optional[str] = ..., spec: _Optional[_Union[_session_pb2.Spec, _Mapping]] = ..., credential_prefix: _Optional[str] = ...) -> None: ...

class QuoteReply(_message.Message):
    __slots__ = ("fault", "price", "price_per_minute", "credits_remaining")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRICE_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    price: int
    price_per_minute: int
    credits_remaining: int
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., price: _Optional[int] = ..., price_per_minute: _Optional[int] = ..., credits_remaining: _Optional[int] = ...) -> None: ...

class CloseRequest(_message.Message):
    __slots__ = ("session_id", "account_id", "usage", "reason", "edge_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    account_id: str
    usage: _events_pb2.Usage
    reason: str
    edge_id: str
    def __init__(self, session_id: _Optional[str] = ..., account_id: _Optional[str] = ..., usage: _Optional[_Union[_events_pb2.Usage, _Mapping]] = ..., reason: _Optional[str] = ..., edge_id: _Optional[str] = ...) -> None: ...

class CloseReply(_message.Message):
    __slots__ = ("fault", "charged", "credits_remaining")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    CHARGED_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    fault: _recognition_pb2.Fault
    charged: int
    credits_remaining: int
    def __init__(self, fault: _Optional[_Union[_recognition_pb2.Fault, _Mapping]] = ..., charged: _Optional[int] = ..., credits_remaining: _Optional[int] = ...) -> None: ...
