"""The bodies of requests: JSON within bounds, and what a session is to be."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import canonical, same_language
from dragoman_edge.dialects.json_text import explain, parse_object
from dragoman_edge.dialects.kallglot.claims import Claims, Mode
from dragoman_edge.dialects.kallglot.errors import invalid
from dragoman_edge.model.http import HttpRequest, HttpResponse

MAX_BODY = 32 * 1024  # bytes: a resource fits into what is remembered
MAX_DEPTH = 16
TARGET = "en"  # of a session that names no target language


def read_body(request: HttpRequest) -> dict[str, Any]:
    """A JSON object that can be remembered and sent back.

    Raises:
        PeerError: `BAD_REQUEST` or `TOO_LARGE`.
    """
    if len(request.body) > MAX_BODY:
        raise PeerError(FaultCode.TOO_LARGE, f"body of more than {MAX_BODY} bytes")
    try:
        body = parse_object(request.body.decode())
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:  # no UTF-8, a lone surrogate, not a number
        raise PeerError(FaultCode.BAD_REQUEST, "the body is not JSON in UTF-8") from None
    if _depth(body) > MAX_DEPTH:
        raise PeerError(FaultCode.BAD_REQUEST, "the body is nested too deeply")
    return body


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested; what is deeper than `MAX_DEPTH` is not looked at."""
    layer, depth = [value], 0
    while layer and depth <= MAX_DEPTH:
        depth += 1
        inner = [list(one.values()) if isinstance(one, dict) else one for one in layer]
        layer = [two for one in inner if isinstance(one, list) for two in one]
    return depth


class _Recording(BaseModel):
    model_config = ConfigDict(extra="ignore")

    enabled: StrictBool = False


class _Create(BaseModel):
    """The body of `POST /v1/sessions`."""

    model_config = ConfigDict(extra="ignore")

    mode: str
    source_language: str | None = Field(None, max_length=64)
    target_language: str | None = Field(None, max_length=64)
    voice: str | None = Field(None, max_length=100)
    recording: _Recording | StrictBool | None = None
    metadata: dict[str, Any] | None = None


class EndBody(BaseModel):
    """The body of `POST /v1/sessions/{id}/end`."""

    model_config = ConfigDict(extra="ignore")

    reason: str = Field("completed", max_length=100)


def wanted(body: dict[str, Any]) -> Claims | HttpResponse:
    """The claims that the body of `POST /v1/sessions` asks for, without a session id; or the refusal."""
    if "mode" not in body:
        return invalid("missing_required_field", "the field 'mode' is required", "mode")
    try:
        asked = _Create.model_validate(body)
    except ValidationError as exc:
        return invalid("invalid_field_value", explain(exc), str(exc.errors()[0]["loc"][0]))
    if asked.mode not in tuple(Mode):
        return invalid("invalid_mode", f"modes are {', '.join(Mode)}", "mode")
    for field in ("routing", "provider"):
        if body.get(field):
            return invalid(
                "feature_not_available", "telephony is not available; stream audio to the socket", field
            )
    return _claimed(asked)


def _claimed(asked: _Create) -> Claims | HttpResponse:
    """The languages are optional: one that is missing is detected, and English is what all others become."""
    source, target = asked.source_language or "", asked.target_language or ""
    for field, tag in (("source_language", source), ("target_language", target)):
        try:
            if tag:
                canonical(tag)
        except PeerError as exc:
            return invalid("invalid_language_code", exc.message, field)
    mode = Mode(asked.mode)
    if mode is not Mode.TRANSCRIPTION and not target and not same_language(source, TARGET):
        target = TARGET
    if mode is Mode.TRANSLATION and not target:
        return invalid("missing_required_field", f"say into what '{source}' is translated", "target_language")
    if mode is Mode.BIDIRECTIONAL and source and target and same_language(source, target):
        message = "source_language and target_language are the same language"
        return invalid("invalid_language_code", message, "target_language")
    return Claims(
        session_id="",
        mode=mode,
        source_language=source,
        target_language=target,
        voice=asked.voice or "",
        recording=_recorded(asked.recording),
    )


def _recorded(wish: _Recording | bool | None) -> bool:
    return wish.enabled if isinstance(wish, _Recording) else bool(wish)
