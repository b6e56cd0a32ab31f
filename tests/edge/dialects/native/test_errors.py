"""Faults as the native API tells them: messages, close codes, HTTP statuses."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.native.errors import close_code, error_message, refuse
from dragoman_edge.dialects.native.messages import NAME_LENGTH
from tests.support.native_codec import checked


@pytest.mark.parametrize(
    ("fault", "close", "status"),
    [
        ("bad_request", 4400, 400),
        ("unsupported_language", 4400, 400),
        ("too_large", 4400, 400),
        ("expired_credential", 4401, 401),
        ("insufficient_credits", 4402, 402),
        ("account_inactive", 4402, 402),
        ("forbidden", 4403, 403),
        ("unknown_session", 4404, 404),
        ("session_ended", 4404, 404),
        ("idle", 4408, 408),
        ("too_long", 4408, 408),
        ("rate_limited", 4429, 429),
        ("too_slow", 4429, 429),
        ("busy", 4503, 503),
        ("unavailable", 4503, 503),
        ("timeout", 4503, 503),
        ("draining", 1012, 503),
        ("engine_failed", 4500, 500),
        ("internal", 4500, 500),
    ],
)
def test_a_fault_has_a_close_code_and_a_status(fault: str, close: int, status: int) -> None:
    assert (close_code(error_for(fault)), refuse(error_for(fault)).status) == (close, status)


def test_a_normal_end_is_1000() -> None:
    assert close_code(None) == 1000


def test_an_error_names_the_message_that_is_at_fault() -> None:
    error = PeerError(FaultCode.RATE_LIMITED, "too many", retry_after_ms=1500)
    assert checked(error_message(error, "job 7", fatal=False)) == {
        "type": "error",
        "code": "rate_limited",
        "message": "too many",
        "fatal": False,
        "id": "job 7",
        "retry_after_ms": 1500,
    }


@pytest.mark.parametrize("name", [None, "", 7, ["a"]])
def test_what_is_no_name_is_not_sent_back(name: object) -> None:
    message = checked(error_message(PeerError(FaultCode.BAD_REQUEST), name, fatal=True))
    assert "id" not in message and "retry_after_ms" not in message


def test_a_long_name_is_cut() -> None:
    assert (
        checked(error_message(PeerError(FaultCode.BAD_REQUEST), "x" * 999, fatal=False))["id"]
        == "x" * NAME_LENGTH
    )


def test_over_http_the_error_is_the_same() -> None:
    answer = refuse(PeerError(FaultCode.RATE_LIMITED, "too many", retry_after_ms=2500))
    assert answer.body == {"error": {"code": "rate_limited", "message": "too many", "retry_after_ms": 2500}}
    assert answer.headers == {"Retry-After": "2"}
    assert refuse(error_for("internal")).headers == {}
