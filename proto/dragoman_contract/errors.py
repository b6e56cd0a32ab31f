"""One tree of faults for the whole mesh. A dialect translates a `FaultCode` into its own error, once."""

from enum import StrEnum


class FaultCode(StrEnum):
    """Every reason for which the mesh refuses or fails something; SPEC.md lists them with their causes."""

    # The peer's fault
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
    # The account's state
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
    # Ours
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    DRAINING = "draining"
    TIMEOUT = "timeout"
    ENGINE_FAILED = "engine_failed"
    INTERNAL = "internal"


_OURS = frozenset(
    {
        FaultCode.BUSY,
        FaultCode.UNAVAILABLE,
        FaultCode.DRAINING,
        FaultCode.TIMEOUT,
        FaultCode.ENGINE_FAILED,
        FaultCode.INTERNAL,
    }
)


class DragomanError(Exception):
    """The root of every error the mesh raises on purpose; carries data rather than prose.

    `message` is fit for a client: it holds no secret, no transcript and no machine detail.
    """

    def __init__(self, code: FaultCode, message: str = "", *, retry_after_ms: int = 0) -> None:
        super().__init__(f"{code}: {message}" if message else str(code))
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms


class PeerError(DragomanError):
    """The peer asked for something that it may not have or that makes no sense."""


class MeshError(DragomanError):
    """We failed: the peer may try again."""


def error_for(code: str, message: str = "", *, retry_after_ms: int = 0) -> DragomanError:
    """The exception that belongs to a code from the wire; an unknown code is `INTERNAL`."""
    try:
        known = FaultCode(code)
    except ValueError:
        known = FaultCode.INTERNAL
    kind = MeshError if known in _OURS else PeerError
    return kind(known, message, retry_after_ms=retry_after_ms)
