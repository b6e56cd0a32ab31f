"""Close codes and statuses of the page."""

import pytest

from dragoman_contract.errors import FaultCode, error_for
from dragoman_edge.dialects.pinch.errors import close_code, refuse


@pytest.mark.parametrize(
    ("fault", "close", "status"),
    [
        ("missing_credential", 4401, 401),
        ("expired_credential", 4401, 401),
        ("used_credential", 4401, 401),
        ("forbidden", 4503, 403),
        ("insufficient_credits", 4503, 403),
        ("rate_limited", 4503, 429),
        ("concurrency_exceeded", 4503, 429),
        ("busy", 4503, 503),
        ("unavailable", 4503, 503),
        ("draining", 4503, 503),
        ("timeout", 4503, 503),
        ("internal", 4500, 500),
        ("engine_failed", 4500, 500),
        ("bad_request", 4400, 400),
        ("unsupported_language", 4400, 400),
        ("too_large", 4400, 400),
    ],
)
def test_a_fault_has_a_close_code_and_a_status(fault: str, close: int, status: int) -> None:
    assert (close_code(error_for(fault)), refuse(error_for(fault)).status) == (close, status)


@pytest.mark.parametrize(
    "fault", ["idle", "too_long", "too_slow", "too_fast", "session_ended", "unknown_session"]
)
def test_a_session_that_is_over_is_to_be_allocated_again(fault: str) -> None:
    assert close_code(error_for(fault)) == 4503


@pytest.mark.parametrize("code", FaultCode)
def test_every_close_code_is_one_of_the_page(code: FaultCode) -> None:
    assert close_code(error_for(code)) in (4400, 4401, 4500, 4503)


def test_a_normal_end_is_1000() -> None:
    assert close_code(None) == 1000


def test_a_refusal_says_why_and_when_to_come_back() -> None:
    answer = refuse(error_for("busy", "none is free", retry_after_ms=3000))
    assert (answer.body, answer.headers) == ({"error": "none is free"}, {"Retry-After": "3"})
    assert refuse(error_for("too_large")).body == {"error": "too large"}
