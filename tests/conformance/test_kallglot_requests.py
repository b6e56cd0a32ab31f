"""What every answer of the Kallglot API over HTTP tells of its request, on a running mesh."""

import asyncio
import re
import time

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from tests.conformance.kallglot_client import BOTH, call, created
from tests.conformance.test_kallglot_sessions import error, new_key


@pytest.mark.shows("kallglot:sessions.request_id", "kallglot:sessions.error.path")
async def test_every_answer_has_the_id_of_its_request(edge: str, key: str) -> None:
    session = await created(edge, key)
    path = f"/v1/sessions/{session['id']}"
    wrong = {"Authorization": "Bearer nobody"}
    answers = [
        await call(edge, key, "POST", "/v1/sessions", BOTH),
        await call(edge, key, "GET", "/v1/sessions"),
        await call(edge, key, "GET", path),
        await call(edge, key, "POST", f"{path}/end"),
        *[await call(edge, key, "GET", "/v1/sessions", headers=sent) for sent in ({}, wrong)],
        await call(edge, key, "POST", "/v1/sessions", {}),
        await call(edge, key, "POST", "/v1/sessions", {"mode": "x" * 300_000}),
        await call(edge, key, "GET", f"{path}/recording"),
        *[await call(edge, key, method, f"{path}/nothing") for method in ("GET", "POST")],
        await call(edge, key, "PUT", "/v1/sessions", {}),
    ]
    assert [a.status_code for a in answers] == [201, 200, 200, 200, 401, 401, 400, 413, 404, 404, 404, 404]
    ids = [answer.headers["X-Request-ID"] for answer in answers]
    assert all(re.fullmatch("req_[a-z0-9]{20,30}", one) for one in ids) and len(set(ids)) == len(ids)
    assert [answer.json()["error"]["request_id"] for answer in answers[4:]] == ids[4:]
    assert {answer.json()["error"]["code"] for answer in answers[-3:]} == {"endpoint_not_found"}


def left(answer: httpx.Response) -> tuple[int, int]:
    """The limit of requests, and how many are left."""
    assert abs(int(answer.headers["X-RateLimit-Reset"]) - time.time()) < 60
    return int(answer.headers["X-RateLimit-Limit"]), int(answer.headers["X-RateLimit-Remaining"])


@pytest.mark.shows("kallglot:sessions.rate_limit", "kallglot:sessions.rate_limit.exceeded")
async def test_answers_tell_the_limit_of_requests(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**7, tier="starter")  # ten at once, then one a second
    answers = [await call(edge, key, "GET", "/v1/sessions/sess_nobody") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404] * 3
    told = [left(answer) for answer in answers]
    assert told[0] == (10, 9) and told == sorted(told, reverse=True)
    made_now = await call(edge, key, "POST", "/v1/sessions", BOTH)
    assert made_now.status_code == 201 and left(made_now)[0] == 10
    answers = await asyncio.gather(*(call(edge, key, "GET", "/v1/sessions") for _ in range(30)))
    refused = [answer for answer in answers if answer.status_code != 200]
    for answer in refused:
        error(answer, 429, "rate_limit_exceeded")
        assert answer.json()["error"]["retry_after"] == int(answer.headers["Retry-After"])
        assert answer.headers["X-RateLimit-Remaining"] == "0" and "X-RateLimit-Reset" in answer.headers
    assert refused
    unknown = await call(edge, "nobody", "GET", "/v1/sessions")
    assert unknown.status_code == 401 and "X-RateLimit-Limit" not in unknown.headers
