"""The `Idempotency-Key` header: a repeated request has the first one's answer (the vendor's public pages)."""

import hashlib
from collections.abc import Generator
from typing import Any

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot.claims import NAME
from dragoman_edge.dialects.kallglot.errors import invalid
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import Ask, Keep

MAX_KEY = 255  # characters
MISMATCH = invalid("idempotency_mismatch", "the Idempotency-Key was used for another request")


def key_of(request: HttpRequest) -> str:
    """The key; empty = none.

    Raises:
        PeerError: `BAD_REQUEST`, when it is too long.
    """
    key = request.headers.get("idempotency-key", "")
    if len(key) > MAX_KEY:
        raise PeerError(FaultCode.BAD_REQUEST, f"an Idempotency-Key has at most {MAX_KEY} characters")
    return key


def once(request: HttpRequest, account: str, value: str) -> Generator[Ask, Any, str | None]:
    """`value`, or that of the first request with the same key; None when that was another request."""
    key = key_of(request)
    if not key:
        return value
    asked = _digest(request.path.encode() + b" " + request.body)
    known: str = yield Keep(stored_under(request, account), f"{asked} {value}", only_new=True)
    before, _, first = known.partition(" ")
    return first if before == asked else None


def stored_under(request: HttpRequest, account: str) -> str:
    """The name under which the first request with this key is remembered."""
    return f"{account}.{NAME}.once.{_digest(key_of(request).encode())}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
