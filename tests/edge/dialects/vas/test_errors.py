"""The error envelope, and the codes for our faults."""

import json

import pytest

from dragoman_contract.errors import FaultCode
from dragoman_edge.dialects.vas import errors
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.model.commands import Answer
from tests.support.vas_codec import NOW, fresh


def test_request_ids_differ() -> None:
    made = fresh()
    frames = [made.receive("{")[0] for _ in range(3)]
    ids = {json.loads(f.frames[0])["data"]["request_id"] for f in frames if isinstance(f, Answer)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("code", "context"),
    [
        ("ticket_expired", "auth"),
        ("auth_forbidden", "auth"),
        ("audio_data_invalid", "audio"),
        ("tts_voice_not_found", "tts"),
        ("viewer_access_token_invalid", "broadcast"),
        ("internal_error", "voice-translation"),
    ],
)
def test_where_an_error_comes_from_follows_from_its_code(code: str, context: str) -> None:
    assert errors.context(code) == context


def test_a_code_from_a_newer_worker_is_an_internal_error() -> None:
    assert errors.code_of("brand_new") == "internal_error"
    assert errors.code_of("too_large") == "message_too_large"


def test_an_envelope_has_only_what_is_known() -> None:
    plain = Problem("session_not_started", "Session not started").data("req_1", NOW)
    assert plain == {
        "error_code": "session_not_started",
        "severity": "error",
        "message": "Session not started",
        "context": "voice-translation",
        "request_id": "req_1",
        "timestamp": "2026-01-15T10:30:45.123Z",
    }
    full = Problem("x", "y", "warning", "translation", 5, {"a": 1}).data("req_1", NOW)
    assert (full["sid"], full["details"], full["context"]) == (5, {"a": 1}, "translation")


def test_every_fault_has_a_code_and_ids_tell_nothing_of_the_ticket() -> None:
    assert set(errors.CODES) == set(FaultCode)
    first, second = errors.RequestIds("secret"), errors.RequestIds("secret")
    assert first.next() == second.next() != first.next()
    assert "secret" not in second.next() and len(second.next()) == len("req_") + 15
