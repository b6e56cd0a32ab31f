"""Every answer has the id of its request."""

import pytest

from dragoman_contract.errors import FaultCode, error_for
from dragoman_edge.dialects.kallglot import Kallglot
from dragoman_edge.dialects.kallglot.errors import invalid
from dragoman_edge.dialects.kallglot.idempotency import MISMATCH
from dragoman_edge.dialects.kallglot.request_ids import identified
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.http import HttpResponse


def test_an_answer_has_it_in_a_header_alone_and_keeps_the_others() -> None:
    answer = identified(HttpResponse(201, {"id": "sess_1"}, {"X-Other": "1"}), "abc")
    assert answer == HttpResponse(201, {"id": "sess_1"}, {"X-Other": "1", "X-Request-ID": "req_abc"})


def test_an_error_has_it_in_its_body_too() -> None:
    answer = identified(invalid("invalid_field_value", "why", "limit"), "abc")
    assert answer.headers["X-Request-ID"] == "req_abc"
    assert answer.body == {
        "error": {
            "type": "invalid_request_error", "code": "invalid_field_value", "message": "why",
            "param": "limit", "request_id": "req_abc",
        }
    }  # fmt: skip


def test_an_answer_that_is_used_again_stays_as_it_is() -> None:
    first, second = identified(MISMATCH, "first"), identified(MISMATCH, "second")
    assert "request_id" not in str(MISMATCH) and "first" in str(first) and "first" not in str(second)


@pytest.mark.parametrize("route", Kallglot.routes, ids=lambda route: f"{route.method} {route.path}")
def test_every_endpoint_has_one(route: Route) -> None:
    answer = route.identify(route.refuse(error_for(FaultCode.BUSY, "full", retry_after_ms=2000)), "abc")
    assert answer.headers == {"Retry-After": "2", "X-Request-ID": "req_abc"}
