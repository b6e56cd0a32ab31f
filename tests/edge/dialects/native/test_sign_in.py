"""Signing a browser in by a link that works once."""

import json
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.native import sign_in
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken, IssueToken, Keep

NOW = 1_000_000


def request(body: object = None, key: str = "", now_ms: int = NOW, new_id: str = "mine") -> HttpRequest:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    sent = b"" if body is None else json.dumps(body).encode()
    return HttpRequest("POST", "/", {}, {}, headers, sent, "::1", "https://edge", new_id, "dev", now_ms)


def made() -> tuple[IssueToken, str]:
    """What is asked for a link, and its code."""
    exchange = sign_in.link(request(key="secret"))
    asked = next(exchange)
    assert isinstance(asked, IssueToken)
    hosting = exchange.send(IssuedToken(token=asked.token))
    assert isinstance(hosting, IssueToken)
    assert (hosting.dialect, hosting.single_use) == ("vas", False) and hosting.token != asked.token
    with pytest.raises(StopIteration) as done:
        exchange.send(IssuedToken(token=hosting.token))
    answer: HttpResponse = done.value.value
    body: Any = answer.body
    assert answer.status == 201 and body["expires_at_ms"] == NOW + sign_in.LINK_MS
    place, _, code = body["url"].partition("#sign-in=")
    assert place == "https://edge/" and len(code) == 32
    return asked, code


def used(asked: IssueToken, code: str, first: str = "mine", now_ms: int = NOW) -> Any:
    exchange = sign_in.session(request({"code": code}, now_ms=now_ms))
    known = next(exchange)
    assert known == rpc.AuthenticateRequest(credential=asked.token, source="::1", dialect="native")
    kept = exchange.send(rpc.AuthenticateReply(account_id="acc_1", claims=asked.claims, expires_at_ms=9))
    assert isinstance(kept, Keep) and kept.only_new and code not in kept.key
    assert kept.key.startswith("acc_1.")  # it counts for the account's share of the store
    with pytest.raises(StopIteration) as done:
        exchange.send(first)
    return done.value.value.body


def test_a_link_becomes_a_session_token_for_each_api_of_the_pages() -> None:
    asked, code = made()
    assert (asked.credential, asked.dialect, asked.ttl_ms) == ("secret", "native", sign_in.SESSION_MS)
    assert code not in asked.token and "secret" not in asked.token
    given = used(asked, code)
    assert given["native"] == asked.token and given["vas"] not in ("", asked.token)
    assert given["expires_at_ms"] == 9


def test_it_works_once() -> None:
    asked, code = made()
    with pytest.raises(PeerError) as refused:
        used(asked, code, first="another browser's")
    assert refused.value.code is FaultCode.USED_CREDENTIAL


@pytest.mark.parametrize("claims", ["", "[]", "{}", None])
def test_a_link_that_is_old_and_a_token_of_another_kind_are_refused(claims: str | None) -> None:
    asked, code = made()
    exchange = sign_in.session(request({"code": code}, now_ms=NOW + sign_in.LINK_MS + 1))
    next(exchange)
    with pytest.raises(PeerError) as refused:
        exchange.send(rpc.AuthenticateReply(claims=asked.claims if claims is None else claims))
    assert refused.value.code is FaultCode.EXPIRED_CREDENTIAL


@pytest.mark.parametrize(
    "body", [None, {}, {"code": ""}, {"code": "x" * 101}, {"code": 1}, {"code": "x", "more": 1}]
)
def test_what_is_no_code_is_refused(body: object) -> None:
    with pytest.raises(PeerError) as refused:
        next(sign_in.session(request(body)))
    assert refused.value.code is FaultCode.BAD_REQUEST


def test_a_link_needs_a_key() -> None:
    with pytest.raises(PeerError) as refused:
        next(sign_in.link(request()))
    assert refused.value.code is FaultCode.MISSING_CREDENTIAL
