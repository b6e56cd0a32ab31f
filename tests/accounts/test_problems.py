"""Errors of the REST API as problem+json, without a value of the request in them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from dragoman_accounts import problems
from dragoman_accounts.api_models import NewTopUp
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_contract.errors import FaultCode, MeshError, PeerError

RAISED: dict[str, Exception] = {
    "ours": PeerError(FaultCode.RATE_LIMITED, "later", retry_after_ms=1001),
    "login": PeerError(FaultCode.INVALID_CREDENTIAL, "no"),
    "away": MeshError(FaultCode.UNAVAILABLE, "away"),
    "odd": PeerError(FaultCode.UNSUPPORTED_AUDIO, "odd"),
    "missing": NotFoundError("there is no such key"),
    "conflict": ConflictError("taken"),
    "http": HTTPException(405, "not so", {"Allow": "GET"}),
    "bug": RuntimeError("a secret"),
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @app.post("/topup")
    async def topup(body: NewTopUp) -> None:
        pass

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "status", "code", "headers"),
    [
        ("ours", 429, "rate_limited", {"Retry-After": "2"}),
        ("login", 401, "invalid_credential", {"WWW-Authenticate": "Bearer"}),
        ("away", 503, "unavailable", {}),
        ("odd", 500, "unsupported_audio", {}),
        ("missing", 404, "not_found", {}),
        ("conflict", 409, "conflict", {}),
        ("http", 405, "method_not_allowed", {"Allow": "GET"}),
        ("bug", 500, "internal", {}),
    ],
)
async def test_every_error_is_a_problem(
    http: httpx.AsyncClient, name: str, status: int, code: str, headers: dict[str, str]
) -> None:
    answer = await http.get(f"/raise/{name}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["code"], told["type"]) == (status, code, "about:blank")
    assert headers.items() <= {name: answer.headers.get(name, "") for name in headers}.items()
    assert "secret" not in answer.text


async def test_a_body_that_is_wrong_is_told_by_place_and_rule_not_by_value(http: httpx.AsyncClient) -> None:
    answer = await http.post("/topup", json={"micro": "a secret", "more": 1})
    assert answer.status_code == 422 and "a secret" not in answer.text
    assert {error["place"] for error in answer.json()["errors"]} == {"body.micro", "body.more"}
