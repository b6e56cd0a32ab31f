"""JSON in text messages: read within bounds, written compactly."""

import json
from typing import Any

from pydantic import ValidationError

from dragoman_contract.errors import FaultCode, PeerError

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def parse_object(text: str, limit: int = 256 * 1024) -> dict[str, Any]:
    """A JSON object out of a text frame.

    Raises:
        PeerError: `TOO_LARGE` or `BAD_REQUEST`.
    """
    if len(text) > limit:
        raise PeerError(FaultCode.TOO_LARGE, f"text message of more than {limit} characters")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise PeerError(FaultCode.BAD_REQUEST, "text message is not JSON") from exc
    if not isinstance(value, dict):
        raise PeerError(FaultCode.BAD_REQUEST, "text message is not a JSON object")
    return value


def explain(exc: ValidationError) -> str:
    """Name the place and kind of the first error, without the value."""
    first = exc.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def dump(value: object) -> str:
    """A JSON text frame."""
    text = _COMPACT.encode(value)
    return text.encode("utf-8", "replace").decode()  # a lone surrogate of the client is no text
