"""What every answer of the Kallglot API over HTTP tells of its request, on a running mesh."""

import re

import pytest

from tests.conformance.kallglot_client import BOTH, call, created


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
