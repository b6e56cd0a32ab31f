"""`GET /v1/session`: the presigned URL of a socket."""

import json
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.dialects.pinch import Pinch
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import CheckSpec, IssuedToken, Room

(ROUTE,) = Pinch.routes


def request(query: dict[str, str], headers: dict[str, str] | None = None) -> HttpRequest:
    return HttpRequest(
        method="GET", path=ROUTE.path, path_parameters={}, query=query,
        headers={"authorization": "Bearer pk_1"} if headers is None else headers, body=b"", source="::1",
        base_url="https://edge.example", new_id="abc", build="b-7",
    )  # fmt: skip


def asked(notices: tuple[str, ...] = (), **query: str) -> tuple[list[Any], HttpResponse]:
    """What the handler asks, and its answer."""
    exchange = ROUTE.handle(request(query))
    questions = [next(exchange)]
    questions.append(exchange.send(IssuedToken(token="t/1")))
    questions.append(exchange.send(None))
    with pytest.raises(StopIteration) as done:
        exchange.send(notices)
    return questions, done.value.value


def test_the_url_has_a_token_for_one_socket_within_a_minute() -> None:
    (issue, room, check), answer = asked(sourceLanguage="en_us", twoWay="")
    assert (issue.credential, issue.prefix, issue.ttl_ms, issue.single_use) == ("pk_1", "pst_", 60_000, True)
    assert json.loads(issue.claims)["session_id"] == "ss_abc"
    assert json.loads(issue.claims)["sourceLanguage"] == "en_us"
    assert room == Room() and isinstance(check, CheckSpec)
    assert check.spec.tracks[0].source_languages == ("en-US",)
    assert answer == HttpResponse(
        200,
        {
            "session_id": "ss_abc",
            "ws_url": "wss://edge.example/session?token=t/1",
            "expires_in": 60,
            "model_version_id": "b-7",
        },
    )


def test_what_is_not_heeded_is_a_warning() -> None:
    _, answer = asked(("labels are not heeded",))
    assert isinstance(answer.body, dict) and answer.body["warnings"] == ["labels are not heeded"]


def test_without_a_key_nothing_is_asked() -> None:
    for headers in ({}, {"authorization": "Basic x"}):
        with pytest.raises(PeerError) as refused:
            next(ROUTE.handle(request({}, headers)))
        assert refused.value.code is FaultCode.MISSING_CREDENTIAL


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"finalizeMode": "never"}, FaultCode.BAD_REQUEST),
        ({"voiceType": "robot"}, FaultCode.BAD_REQUEST),
        ({"targetLanguage": "!!"}, FaultCode.UNSUPPORTED_LANGUAGE),
        ({"sourceLanguage": "!!"}, FaultCode.UNSUPPORTED_LANGUAGE),
    ],
)
def test_a_wrong_parameter_is_refused_before_a_token_is_made(query: dict[str, str], code: FaultCode) -> None:
    with pytest.raises(PeerError) as refused:
        next(ROUTE.handle(request(query)))
    assert refused.value.code is code
    assert "Value error" not in refused.value.message


def test_without_capacity_the_client_is_told_to_come_back() -> None:
    exchange = ROUTE.handle(request({}))
    next(exchange)
    assert exchange.send(IssuedToken(token="t")) == Room()
    with pytest.raises(MeshError) as busy:
        exchange.throw(MeshError(FaultCode.BUSY, retry_after_ms=1000))
    assert (ROUTE.refuse(busy.value).status, ROUTE.refuse(busy.value).headers) == (503, {"Retry-After": "1"})
