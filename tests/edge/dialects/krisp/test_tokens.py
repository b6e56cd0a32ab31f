"""The token endpoint."""

from typing import Any

import pytest

from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.krisp import Krisp
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken, IssueToken
from tests.support.krisp_codec import STARTED_MS


def request(**changes: Any) -> HttpRequest:
    fields: dict[str, Any] = {
        "method": "GET", "path": "/v2/sdk/voice-translation/session/token", "path_parameters": {},
        "query": {}, "headers": {"authorization": "api-key drg_1"}, "body": b"", "source": "", "base_url": "",
        "new_id": "x", "build": "b",
    }  # fmt: skip
    return HttpRequest(**fields | changes)


def test_the_token_endpoint_asks_for_a_token_of_that_many_minutes() -> None:
    exchange = Krisp.routes[0].handle(request(query={"expiration_ttl": "100"}))
    question = next(exchange)
    assert isinstance(question, IssueToken)
    assert (question.credential, question.ttl_ms) == ("drg_1", 6_000_000)
    with pytest.raises(StopIteration) as done:
        exchange.send(IssuedToken(token="t", expires_at_ms=STARTED_MS, key_id="k_1"))
    answer: HttpResponse = done.value.value
    assert answer.body == {
        "data": {
            "session_key": "t",
            "expires_at": "2026-03-25T19:24:45.370+00:00",
            "key_id": "k_1",
            "status": "active",
            "type": "session",
        }
    }


@pytest.mark.parametrize("ttl", ["4", "1441", "-5", "1e3", "", "٣٠", "9" * 30])
def test_a_time_to_live_out_of_bounds_is_a_400(ttl: str) -> None:
    route = Krisp.routes[0]
    with pytest.raises(PeerError) as caught:
        next(route.handle(request(query={"expiration_ttl": ttl})))
    assert route.refuse(caught.value).status == 400


def test_the_token_endpoint_without_a_key_is_a_401() -> None:
    route = Krisp.routes[0]
    with pytest.raises(PeerError) as caught:
        next(route.handle(request(headers={})))
    assert route.refuse(caught.value).status == 401
