"""Tickets, and the errors of the endpoints (seed: vas-voice-translation-events.txt)."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract.errors import DragomanError, FaultCode, error_for
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken
from tests.support.vas_codec import NOW
from tests.support.vas_tasks import request as tasks_request


def asked(headers: dict[str, str], fault: DragomanError | None = None) -> tuple[Any, HttpResponse | None]:
    route = Vas().routes[0]
    request = HttpRequest(
        method="POST", path=route.path, path_parameters={}, query={}, headers=headers, body=b"",
        source="::1", base_url="http://edge", new_id="n", build="b", now_ms=NOW,
    )  # fmt: skip
    exchange = route.handle(request)
    question: Any = None
    try:
        question = next(exchange)
        if fault is not None:
            exchange.throw(fault)
        exchange.send(IssuedToken(token="T" * 32))
    except StopIteration as done:
        return question, done.value
    return question, None


def test_a_ticket_is_good_for_a_minute_and_one_use() -> None:
    question, response = asked({"x-api-key": "drg_1"})
    assert (question.credential, question.ttl_ms, question.single_use) == ("drg_1", 60_000, True)
    assert response == HttpResponse(200, {"ticket": "T" * 32, "expires_in": 60})


@pytest.mark.parametrize(
    ("headers", "fault", "status", "code"),
    [
        ({}, None, 401, "auth_missing_api_key"),
        ({"x-api-key": "no key, this"}, None, 401, "auth_invalid_key_format"),
        ({"x-api-key": "k" * 513}, None, 401, "auth_invalid_key_format"),
        ({"x-api-key": "k"}, FaultCode.INVALID_CREDENTIAL, 401, "auth_invalid_api_key"),
        ({"x-api-key": "k"}, FaultCode.UNAVAILABLE, 500, "ticket_validation_failed"),
    ],
)
def test_without_a_good_key_the_whole_envelope_comes(
    headers: dict[str, str], fault: FaultCode | None, status: int, code: str
) -> None:
    _, response = asked(headers, error_for(fault, "why") if fault else None)
    assert response is not None and response.status == status
    body: Any = response.body
    assert body["data"]["error_code"] == body["error_code"] == code
    assert body["data"]["request_id"] == "req_n"
    assert body["data"]["timestamp"] == "2026-01-15T10:30:45.123Z"


def test_a_stream_takes_its_key_in_the_query_and_nothing_else_does() -> None:
    stream = replace(tasks_request("/api/v1/sse/history/transcribe/x", api_key="vas_2"), headers={})
    assert key_of(stream) == "vas_2"
    with pytest.raises(DragomanError):
        key_of(replace(stream, path="/api/v1/tasks"))
