"""Answers tell the account's limit of requests as accounts told it last."""

from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.kallglot.errors import refuse
from dragoman_edge.dialects.kallglot.rate_limits import limited
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken, IssueToken
from tests.support.kallglot_codec import NOW_MS, request

NOW_S = NOW_MS // 1000
AUTHENTICATE = rpc.AuthenticateRequest(credential="key")
ISSUE = IssueToken(credential="key", ttl_ms=5000, prefix="kst_")
RATE = rpc.RateLimit(limit=10, remaining=7, reset_ms=2500)
KNOWN = rpc.AuthenticateReply(account_id="a_1", key_id="k_1", rate=RATE)


def answered(*answers: object) -> HttpResponse:
    """The answer of a handler whose questions accounts answer or refuse so."""

    def handle(_: HttpRequest) -> Exchange:
        for _answer in answers:
            yield AUTHENTICATE
        return HttpResponse(200, {}, {"X-Other": "1"})

    exchange, left = limited(handle)(request()), list(answers)
    try:
        next(exchange)
        while True:
            answer = left.pop(0)
            if isinstance(answer, DragomanError):
                exchange.throw(answer)
            else:
                exchange.send(answer)
    except StopIteration as done:
        response: HttpResponse = done.value
        return response


def told(limit: str, remaining: str, reset: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": str(reset),
    }  # fmt: skip


def test_an_answer_has_them_beside_its_own() -> None:
    assert answered(KNOWN).headers == {"X-Other": "1"} | told("10", "7", NOW_S + 3)


def test_the_last_word_counts() -> None:
    issued = IssuedToken(token="kst_1", rate=rpc.RateLimit(limit=10, remaining=6, reset_ms=3000))
    assert answered(KNOWN, issued, None).headers == {"X-Other": "1"} | told("10", "6", NOW_S + 3)


def test_without_a_word_of_accounts_there_are_none() -> None:
    assert answered(rpc.AuthenticateReply(account_id="a_1"), None).headers == {"X-Other": "1"}


def test_a_refusal_has_them_too() -> None:
    error = PeerError(FaultCode.UNKNOWN_SESSION, "there is no such session")
    answer = answered(KNOWN, error)
    assert (answer.status, answer.body) == (404, refuse(error).body)
    assert answer.headers == told("10", "7", NOW_S + 3)


def test_whoever_asks_too_often_hears_when_the_next_one_is_permitted() -> None:
    error = PeerError(FaultCode.RATE_LIMITED, "too many requests", retry_after_ms=1500)
    again = {"Retry-After": "1"}
    assert answered(KNOWN, error).headers == again | told("10", "0", NOW_S + 2)
    first = answered(error)
    assert first.status == 429 and first.headers == again | {
        name: value for name, value in told("", "0", NOW_S + 2).items() if value
    }


@pytest.mark.parametrize("answers", [(), (KNOWN,)])
@pytest.mark.parametrize("code", [FaultCode.INVALID_CREDENTIAL, FaultCode.MISSING_CREDENTIAL])
def test_a_wrong_key_stays_the_edges_to_refuse_and_count(answers: tuple[Any, ...], code: FaultCode) -> None:
    with pytest.raises(PeerError) as caught:
        answered(*answers, PeerError(code))
    assert caught.value.code is code


def test_a_handler_may_go_on_after_a_refusal() -> None:
    def handle(_: HttpRequest) -> Exchange:
        try:
            yield AUTHENTICATE
        except PeerError:
            issued: IssuedToken = yield ISSUE
        return HttpResponse(200, issued.token)

    exchange = limited(handle)(request())
    assert next(exchange) == AUTHENTICATE
    assert exchange.throw(PeerError(FaultCode.BAD_REQUEST)) == ISSUE
    with pytest.raises(StopIteration) as done:
        exchange.send(IssuedToken(token="kst_1", rate=RATE))
    assert done.value.value == HttpResponse(200, "kst_1", told("10", "7", NOW_S + 3))


def test_a_bug_is_no_refusal() -> None:
    def handle(_: HttpRequest) -> Exchange:
        yield AUTHENTICATE
        raise ValueError("a bug")

    exchange = limited(handle)(request())
    next(exchange)
    with pytest.raises(ValueError, match="a bug"):
        exchange.send(KNOWN)
