"""Faults of hosted engines as our own errors: who is at fault, and for how long to wait."""

import time
from email.utils import formatdate

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_kit.hosted_faults import Bad, Refused, asked_s, fault, json_object, meaning


class Strict(BaseModel):
    text: int


def malformed() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Strict(text="a")
    return caught.value


@pytest.mark.parametrize(
    ("exc", "code", "outcome"),
    [
        (TimeoutError(), FaultCode.TIMEOUT, "timeout"),
        (httpx.ReadTimeout(""), FaultCode.TIMEOUT, "timeout"),
        (Bad("too_large"), FaultCode.ENGINE_FAILED, "too_large"),
        (malformed(), FaultCode.ENGINE_FAILED, "malformed"),
        (httpx.ReadError(""), FaultCode.ENGINE_FAILED, "broken"),
        (httpx.RemoteProtocolError(""), FaultCode.ENGINE_FAILED, "broken"),
        (httpx.ConnectError("http://secret.example"), FaultCode.ENGINE_FAILED, "unreachable"),
        (OSError("secret"), FaultCode.ENGINE_FAILED, "unreachable"),
    ],
)
def test_whatever_breaks_counts_against_the_server(exc: Exception, code: FaultCode, outcome: str) -> None:
    error, name, server_failed, pause = fault(exc)
    assert (error.code, name, server_failed, pause) == (code, outcome, True, 0)
    assert "secret" not in error.message


def test_a_refusal_is_the_servers_or_the_requests_and_keeps_the_pause() -> None:
    ours = Refused(400, PeerError(FaultCode.BAD_REQUEST, "no"), 0)
    theirs = Refused(503, MeshError(FaultCode.BUSY, "busy"), 7)
    assert fault(ours)[1:] == ("status_400", False, 0)
    assert fault(theirs)[1:] == ("status_503", True, 7)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, FaultCode.BAD_REQUEST, PeerError),
        (413, FaultCode.TOO_LARGE, PeerError),
        (408, FaultCode.TIMEOUT, MeshError),
        (504, FaultCode.TIMEOUT, MeshError),
        (429, FaultCode.BUSY, MeshError),
        (529, FaultCode.BUSY, MeshError),
        (401, FaultCode.ENGINE_FAILED, MeshError),
        (500, FaultCode.ENGINE_FAILED, MeshError),
        (404, FaultCode.ENGINE_FAILED, MeshError),
    ],
)
def test_a_status_means_an_error(status: int, code: FaultCode, kind: type[Exception]) -> None:
    error = meaning(status)
    assert error.code is code and isinstance(error, kind)


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff", b"[" * 100_000, b"null"])
def test_a_body_that_is_no_object_is_an_empty_one(body: bytes) -> None:
    assert json_object(body) == {}


def test_retry_after_is_a_number_or_a_date() -> None:
    assert asked_s("1.5") == 1.5
    assert 0 < asked_s(formatdate(time.time() + 60)) <= 60
    for nothing in ("", "soon", "-3", "9" * 20, formatdate(0), "Wed, 99 Foo 9999999999 00:00:00 GMT"):
        assert asked_s(nothing) == 0
