"""Errors of the REST API as problem+json (RFC 9457), made in one place."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_kit.logging import get

log = get(__name__)

STATUS = {
    FaultCode.BAD_REQUEST: 400,
    FaultCode.MISSING_CREDENTIAL: 401,
    FaultCode.INVALID_CREDENTIAL: 401,
    FaultCode.FORBIDDEN: 403,
    FaultCode.UNKNOWN_SESSION: 404,
    FaultCode.RATE_LIMITED: 429,
    FaultCode.UNAVAILABLE: 503,
    FaultCode.BUSY: 503,
}


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """One problem document; `code` is stable, `detail` is for people."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    return JSONResponse(
        body | {"detail": detail} | more, status, headers, media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""
    app.add_exception_handler(DragomanError, _ours)
    app.add_exception_handler(NotFoundError, lambda _, exc: problem(404, "not_found", str(exc)))
    app.add_exception_handler(ConflictError, lambda _, exc: problem(409, "conflict", str(exc)))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _ours(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, DragomanError)
    status = STATUS.get(exc.code, 500)
    headers = {}
    if exc.retry_after_ms:
        headers["Retry-After"] = str(-(-exc.retry_after_ms // 1000))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(status, str(exc.code), exc.message, headers=headers)


def _invalid(_: Request, exc: Exception) -> JSONResponse:
    """Names the place and the rule, never the value: it may be a secret."""
    assert isinstance(exc, RequestValidationError)
    errors = [{"place": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in exc.errors()]
    detail = "; ".join(f"{e['place']}: {e['message']}" for e in errors)
    return problem(422, "bad_request", detail, errors=errors)


def _http(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    code = HTTPStatus(exc.status_code).name.lower()
    return problem(exc.status_code, code, str(exc.detail), headers=dict(exc.headers or {}))


def _unexpected(_: Request, exc: Exception) -> JSONResponse:
    log.error("request failed", error=type(exc).__name__)
    return problem(500, "internal", "an internal error happened")
