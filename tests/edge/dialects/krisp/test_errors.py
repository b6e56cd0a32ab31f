"""Faults as the five codes of the page."""

import json

import pytest

from dragoman_contract.errors import DragomanError, FaultCode, error_for
from dragoman_edge.dialects.krisp import Krisp
from tests.support.krisp_codec import (
    conversation,
)


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_one_of_the_five_documented_codes(code: FaultCode) -> None:
    made = conversation()
    error = error_for(code, "why")
    (frame,) = made.refuse(error, 0)
    body = json.loads(frame)["error"]
    assert body["code"] in (400, 401, 402, 429, 500)
    assert body["description"] == "why"
    assert made.close_code(error) in (1008, 1011, 1013)
    assert made.close_code(None) == 1000


def test_a_rate_limit_over_http_says_when_to_come_back() -> None:
    answer = Krisp.routes[0].refuse(DragomanError(FaultCode.RATE_LIMITED, "slow", retry_after_ms=2500))
    assert (answer.status, answer.headers) == (429, {"Retry-After": "2"})
