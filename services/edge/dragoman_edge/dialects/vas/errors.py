"""The error envelope of the VAS API, and its codes for our faults (section "error" of the seed)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dragoman_contract.errors import FaultCode, fault_code

TRANSLATION = "voice-translation"  # the context of most errors

# Codes that the vendor documents are taken where there is one; the others are ours.
CODES: dict[FaultCode, str] = {
    FaultCode.BAD_REQUEST: "invalid_request",
    FaultCode.UNSUPPORTED_AUDIO: "audio_format_invalid",
    FaultCode.UNSUPPORTED_LANGUAGE: "language_not_supported",
    FaultCode.UNSUPPORTED_VOICE: "tts_voice_not_found",
    FaultCode.UNSUPPORTED_FEATURE: "diarization_not_supported",  # the one feature that a client can ask for
    FaultCode.TOO_LARGE: "message_too_large",
    FaultCode.TOO_FAST: "rate_limit_exceeded",
    FaultCode.TOO_SLOW: "client_too_slow",
    FaultCode.IDLE: "session_timeout",
    FaultCode.TOO_LONG: "session_too_long",
    FaultCode.MISSING_CREDENTIAL: "ticket_invalid",
    FaultCode.INVALID_CREDENTIAL: "ticket_invalid",
    FaultCode.EXPIRED_CREDENTIAL: "ticket_expired",
    FaultCode.REVOKED_CREDENTIAL: "ticket_invalid",
    FaultCode.USED_CREDENTIAL: "ticket_already_used",
    FaultCode.FORBIDDEN: "auth_forbidden",
    FaultCode.ACCOUNT_INACTIVE: "auth_account_inactive",
    FaultCode.INSUFFICIENT_CREDITS: "quota_exceeded",
    FaultCode.CONCURRENCY_EXCEEDED: "session_limit_exceeded",
    FaultCode.RATE_LIMITED: "rate_limit_exceeded",
    FaultCode.UNKNOWN_SESSION: "session_not_found",
    FaultCode.SESSION_ENDED: "session_ended",
    FaultCode.BUSY: "service_busy",
    FaultCode.UNAVAILABLE: "service_unavailable",
    FaultCode.DRAINING: "service_restarting",
    FaultCode.TIMEOUT: "service_timeout",
    FaultCode.ENGINE_FAILED: "engine_failed",
    FaultCode.INTERNAL: "internal_error",
}
# Of a REST endpoint the credential is a key, not a ticket.
KEY_CODES: dict[FaultCode, tuple[int, str]] = {
    FaultCode.MISSING_CREDENTIAL: (401, "auth_missing_api_key"),
    FaultCode.INVALID_CREDENTIAL: (401, "auth_invalid_api_key"),
    FaultCode.EXPIRED_CREDENTIAL: (401, "auth_invalid_api_key"),
    FaultCode.REVOKED_CREDENTIAL: (401, "auth_invalid_api_key"),
    FaultCode.USED_CREDENTIAL: (401, "auth_invalid_api_key"),
    FaultCode.ACCOUNT_INACTIVE: (403, "auth_account_inactive"),
    FaultCode.FORBIDDEN: (403, "auth_forbidden"),
    FaultCode.INSUFFICIENT_CREDITS: (402, "quota_exceeded"),
    FaultCode.RATE_LIMITED: (429, "rate_limit_exceeded"),
    FaultCode.CONCURRENCY_EXCEEDED: (429, "session_limit_exceeded"),
    FaultCode.TOO_LARGE: (413, "message_too_large"),
    FaultCode.BUSY: (503, "service_busy"),
    FaultCode.DRAINING: (503, "service_restarting"),
    FaultCode.UNAVAILABLE: (500, "ticket_validation_failed"),
    FaultCode.TIMEOUT: (500, "ticket_validation_failed"),
    FaultCode.ENGINE_FAILED: (500, "internal_error"),
    FaultCode.INTERNAL: (500, "internal_error"),
}
_OWN = ("auth", "audio", "tts", "broadcast")
_CONTEXTS = {name: name for name in _OWN} | {"ticket": "auth", "viewer": "broadcast"}


@dataclass(eq=False)
class Problem(Exception):
    """Fault of one message; the session goes on. `severity` is fatal, error or warning."""

    code: str
    message: str
    severity: str = "error"
    context: str = ""
    sid: int = 0
    details: dict[str, Any] | None = None
    status: int = 400  # where it is answered over HTTP

    def data(self, request_id: str, now_ms: int) -> dict[str, Any]:
        """The `data` of the envelope; `now_ms` is Unix time."""
        body: dict[str, Any] = {
            "error_code": self.code,
            "severity": self.severity,
            "message": self.message,
            "context": self.context or context(self.code),
        }
        if self.sid:
            body["sid"] = self.sid
        body |= {"request_id": request_id, "timestamp": timestamp(now_ms)}
        if self.details:
            body["details"] = self.details
        return body


def context(code: str) -> str:
    """Return the part of the API that a code comes from."""
    return _CONTEXTS.get(code.partition("_")[0], TRANSLATION)


def code_of(code: str) -> str:
    """The API's code for one of ours, which may come from the wire."""
    return CODES[fault_code(code)]


def timestamp(now_ms: int) -> str:
    """ISO 8601 with milliseconds; `now_ms` is Unix time."""
    text = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class RequestIds:
    """A new id for each error of a socket; they tell nothing of the ticket that they are made from."""

    def __init__(self, ticket: str) -> None:
        self._ticket = ticket
        self._count = 0

    def next(self) -> str:
        """Return the next request id."""
        self._count += 1
        digest = hashlib.sha256(f"request {self._count} {self._ticket}".encode()).hexdigest()
        return f"req_{digest[:15]}"
