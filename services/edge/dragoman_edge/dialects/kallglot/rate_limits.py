"""The headers that tell the account's limit of requests: `X-RateLimit-Limit`, `-Remaining`, `-Reset`."""

from collections.abc import Callable
from dataclasses import replace

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, FaultKind
from dragoman_edge.dialects.kallglot.errors import refuse
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken


def limited(handle: Callable[[HttpRequest], Exchange]) -> Callable[[HttpRequest], Exchange]:
    """Return a handler whose answers have the headers, once accounts have told the limit."""

    def exchange(request: HttpRequest) -> Exchange:
        inner, rate = handle(request), None
        try:
            question = next(inner)
            while True:
                try:
                    answer = yield question
                except DragomanError as exc:
                    question = inner.throw(exc)
                else:
                    rate = _told(answer) or rate
                    question = inner.send(answer)
        except StopIteration as done:
            return _with_rate(done.value, rate, request.now_ms)
        except DragomanError as exc:
            rate = _after(exc, rate)
            # Nothing is known of a wrong key's limits, and the edge counts those.
            if rate is None or exc.code.kind is FaultKind.CREDENTIAL:
                raise
            return _with_rate(refuse(exc), rate, request.now_ms)

    return exchange


def _told(answer: object) -> rpc.RateLimit | None:
    return answer.rate if isinstance(answer, rpc.AuthenticateReply | IssuedToken) else None


def _after(error: DragomanError, rate: rpc.RateLimit | None) -> rpc.RateLimit | None:
    """The limit as it stands after a refusal."""
    if error.code is not FaultCode.RATE_LIMITED:
        return rate
    limit = rate.limit if rate is not None else 0
    return rpc.RateLimit(limit=limit, remaining=0, reset_ms=error.retry_after_ms)


def _with_rate(response: HttpResponse, rate: rpc.RateLimit | None, now_ms: int) -> HttpResponse:
    """`X-RateLimit-Reset` is Unix time in whole seconds, rounded up."""
    if rate is None:
        return response
    headers = {
        "X-RateLimit-Remaining": str(rate.remaining),
        "X-RateLimit-Reset": str(-(-(now_ms + rate.reset_ms) // 1000)),
    }
    if rate.limit:  # accounts do not tell it with a refusal
        headers["X-RateLimit-Limit"] = str(rate.limit)
    return replace(response, headers=response.headers | headers)
