"""Faults as the API tells them."""

import json

import pytest

from dragoman_contract.errors import FaultCode, error_for
from dragoman_edge.dialects.kallglot import Kallglot
from dragoman_edge.dialects.kallglot.errors import not_found
from tests.support.kallglot_codec import conversation


@pytest.mark.parametrize(
    ("fault", "code", "recoverable", "close"),
    [
        ("unsupported_audio", "audio_format_invalid", True, 1008),
        ("expired_credential", "token_expired", False, 1008),
        ("invalid_credential", "invalid_token", False, 1008),
        ("session_ended", "session_ended", False, 1008),
        ("rate_limited", "rate_limit_exceeded", True, 1013),
        ("concurrency_exceeded", "rate_limit_exceeded", True, 1013),
        ("insufficient_credits", "insufficient_api_credits", False, 1008),
        ("account_inactive", "organization_inactive", False, 1008),
        ("busy", "internal_error", True, 1013),
        ("draining", "internal_error", True, 1012),
        ("internal", "internal_error", True, 1011),
        ("too_large", "invalid_request", False, 1009),
    ],
)
def test_refusals_before_the_session_is_live(fault: str, code: str, recoverable: bool, close: int) -> None:
    made, error = conversation(opened=False), error_for(fault, "why")
    (frame,) = made.refuse(error, 0)
    assert json.loads(frame) == {"type": "error", "code": code, "message": "why", "recoverable": recoverable}
    assert made.close_code(error) == close


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_has_its_error_and_its_close(code: FaultCode, opened: bool) -> None:
    made, error = conversation(opened), error_for(code)
    for frame in made.refuse(error, 0):
        assert json.loads(frame)["message"]
    assert made.close_code(error) in (1000, 1008, 1009, 1011, 1012, 1013)
    for route in Kallglot().routes:
        answer = route.refuse(error_for(code, "why", retry_after_ms=1500))
        assert 400 <= answer.status < 600
        assert answer.headers == {"Retry-After": "1"}


def test_what_there_is_not_has_a_code_of_its_own() -> None:
    answer = not_found("recording_not_found", "none")
    error = {"type": "not_found_error", "code": "recording_not_found", "message": "none"}
    assert (answer.status, answer.body) == (404, {"error": error})
