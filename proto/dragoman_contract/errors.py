"""One tree of faults for the whole mesh. A dialect translates a `FaultCode` into its own error, once."""

from enum import StrEnum


class FaultKind(StrEnum):
    """Whose fault it is; what can be said of a code beyond its name follows from its kind."""

    REQUEST = "request"  # the request makes no sense, or nobody can do it
    CREDENTIAL = "credential"
    ACCOUNT = "account"  # its tier or state does not allow it
    LIMIT = "limit"  # too much or too fast
    SESSION = "session"  # it is over, or was never there
    CAPACITY = "capacity"  # the mesh cannot at the moment; another edge may
    FAILURE = "failure"  # the mesh failed

    @property
    def ours(self) -> bool:
        """Whether the mesh is to blame, not the peer."""
        return self in (FaultKind.CAPACITY, FaultKind.FAILURE)


class FaultCode(StrEnum):
    """Every reason for which the mesh refuses or fails something; SPEC.md lists them with their causes."""

    BAD_REQUEST = "bad_request"
    UNSUPPORTED_AUDIO = "unsupported_audio"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    UNSUPPORTED_VOICE = "unsupported_voice"
    UNSUPPORTED_FEATURE = "unsupported_feature"
    TOO_LARGE = "too_large"
    TOO_FAST = "too_fast"
    TOO_SLOW = "too_slow"
    IDLE = "idle"
    TOO_LONG = "too_long"
    MISSING_CREDENTIAL = "missing_credential"
    INVALID_CREDENTIAL = "invalid_credential"
    EXPIRED_CREDENTIAL = "expired_credential"
    REVOKED_CREDENTIAL = "revoked_credential"
    USED_CREDENTIAL = "used_credential"
    FORBIDDEN = "forbidden"
    ACCOUNT_INACTIVE = "account_inactive"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    CONCURRENCY_EXCEEDED = "concurrency_exceeded"
    RATE_LIMITED = "rate_limited"
    UNKNOWN_SESSION = "unknown_session"
    SESSION_ENDED = "session_ended"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    DRAINING = "draining"
    TIMEOUT = "timeout"
    ENGINE_FAILED = "engine_failed"
    INTERNAL = "internal"

    @property
    def kind(self) -> FaultKind:
        """Whose fault it is."""
        return _KINDS[self]

    @property
    def retryable(self) -> bool:
        """Whether the same request can succeed later."""
        return self.kind.ours or self.kind is FaultKind.LIMIT


_KINDS: dict[FaultCode, FaultKind] = {
    FaultCode.BAD_REQUEST: FaultKind.REQUEST,
    FaultCode.UNSUPPORTED_AUDIO: FaultKind.REQUEST,
    FaultCode.UNSUPPORTED_LANGUAGE: FaultKind.REQUEST,
    FaultCode.UNSUPPORTED_VOICE: FaultKind.REQUEST,
    FaultCode.UNSUPPORTED_FEATURE: FaultKind.REQUEST,
    FaultCode.TOO_LARGE: FaultKind.REQUEST,
    FaultCode.TOO_FAST: FaultKind.LIMIT,
    FaultCode.TOO_SLOW: FaultKind.LIMIT,
    FaultCode.IDLE: FaultKind.SESSION,
    FaultCode.TOO_LONG: FaultKind.SESSION,
    FaultCode.MISSING_CREDENTIAL: FaultKind.CREDENTIAL,
    FaultCode.INVALID_CREDENTIAL: FaultKind.CREDENTIAL,
    FaultCode.EXPIRED_CREDENTIAL: FaultKind.CREDENTIAL,
    FaultCode.REVOKED_CREDENTIAL: FaultKind.CREDENTIAL,
    FaultCode.USED_CREDENTIAL: FaultKind.CREDENTIAL,
    FaultCode.FORBIDDEN: FaultKind.ACCOUNT,
    FaultCode.ACCOUNT_INACTIVE: FaultKind.ACCOUNT,
    FaultCode.INSUFFICIENT_CREDITS: FaultKind.ACCOUNT,
    FaultCode.CONCURRENCY_EXCEEDED: FaultKind.LIMIT,
    FaultCode.RATE_LIMITED: FaultKind.LIMIT,
    FaultCode.UNKNOWN_SESSION: FaultKind.SESSION,
    FaultCode.SESSION_ENDED: FaultKind.SESSION,
    FaultCode.BUSY: FaultKind.CAPACITY,
    FaultCode.UNAVAILABLE: FaultKind.CAPACITY,
    FaultCode.DRAINING: FaultKind.CAPACITY,
    FaultCode.TIMEOUT: FaultKind.FAILURE,
    FaultCode.ENGINE_FAILED: FaultKind.FAILURE,
    FaultCode.INTERNAL: FaultKind.FAILURE,
}


def fault_code(code: str) -> FaultCode:
    """The code that came over the wire; one that is not known here is `INTERNAL`."""
    try:
        return FaultCode(code)
    except ValueError:
        return FaultCode.INTERNAL


class DragomanError(Exception):
    """The root of every error the mesh raises on purpose; carries data rather than prose.

    `message` is fit for a client: it holds no secret, no transcript and no machine detail.
    """

    def __init__(self, code: FaultCode, message: str = "", *, retry_after_ms: int = 0) -> None:
        super().__init__(f"{code}: {message}" if message else str(code))
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms

    @property
    def text(self) -> str:
        """For people: the message, or the code in words."""
        return self.message or str(self.code).replace("_", " ")


class PeerError(DragomanError):
    """The peer asked for something that it may not have or that makes no sense; no kind of ours."""


class MeshError(DragomanError):
    """We failed, `code.kind.ours`: the peer may try again."""


def error_for(code: str, message: str = "", *, retry_after_ms: int = 0) -> DragomanError:
    """The exception that belongs to a code from the wire; an unknown code is `INTERNAL`."""
    known = fault_code(code)
    kind = MeshError if known.kind.ours else PeerError
    return kind(known, message, retry_after_ms=retry_after_ms)
