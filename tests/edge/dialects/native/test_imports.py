"""`/v1/imports`: priced, begun with a session's `start`, listed and shown."""

import json
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.native import imports
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.imports import ImportRecord, ReceiveUpload, StartImport, State, Upload
from tests.edge.dialects.test_imports import run

OWNER = rpc.AuthenticateReply(account_id="a_1", key_id="k_1")
RECORD = ImportRecord(session_id="s_1", created_at_ms=5, at_ms=5, duration_ms=4000, done_ms=1000)


def request(body: Any = None, name: str = "s_1", **query: str) -> HttpRequest:
    sent = json.dumps(body).encode()
    headers = {"authorization": "Bearer key"}
    return HttpRequest(
        "POST", "/v1/imports", {"import_id": name}, query, headers, sent, "::1", "", "x", "t", 9
    )


def test_a_price_is_in_micro_credits() -> None:
    quoted = rpc.QuoteReply(price=300, price_per_minute=600, credits_remaining=299)
    asked, response = run(imports.price(request({"duration_ms": 30_000, "to": ["es"]})), OWNER, quoted)
    assert asked[1].credential == "key" and asked[1].spec.imported_ms == 30_000
    assert response.body == {
        "allowed": False, "price": 300, "price_per_minute": 600, "credits_remaining": 299,
    }  # fmt: skip


@pytest.mark.parametrize(
    "body", [{}, {"duration_ms": 0}, {"duration_ms": 10**9}, {"duration_ms": 9999, "x": 1}]
)
def test_a_length_that_makes_no_sense_has_no_price(body: Any) -> None:
    with pytest.raises(PeerError) as caught:
        run(imports.price(request(body)), OWNER)
    assert caught.value.code == FaultCode.BAD_REQUEST


def test_a_file_begins_as_a_session_does() -> None:
    start = {"spoken": "en", "to": ["es"], "speakers": {"max": 3}, "keep": {"audio": True, "days": 7}}
    upload = Upload(None, 9, {"start": json.dumps(start)})  # type: ignore[arg-type]
    asked, response = run(imports.begin(request()), OWNER, upload, (), rpc.QuoteReply(), RECORD)
    assert asked[1] == ReceiveUpload("a_1")
    begun: StartImport = asked[-1]
    assert begun.spec.keep is not None and (begun.spec.keep.audio, begun.spec.keep.days) == (True, 7)
    assert (begun.spec.speakers, begun.spec.speech, begun.spec.imported_ms > 0) == (3, False, True)
    assert response.status == 201 and response.body["id"] == "s_1" and response.body["progress"] == 25


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("[]", FaultCode.BAD_REQUEST),
        ('{"spoken": 7}', FaultCode.BAD_REQUEST),
        ('{"tracks": [{"spoken": "en"}, {"spoken": "es"}]}', FaultCode.UNSUPPORTED_FEATURE),
    ],
    ids=["no object", "no language", "two tracks"],
)
def test_what_is_no_start_of_one_track_is_refused(start: str, code: FaultCode) -> None:
    with pytest.raises(PeerError) as caught:
        run(imports.begin(request()), OWNER, Upload(None, 9, {"start": start}))  # type: ignore[arg-type]
    assert caught.value.code == code


def test_imports_are_listed_and_shown() -> None:
    failed = RECORD.model_copy(update={"state": State.FAILED, "code": "too_long", "message": "why"})
    _, response = run(imports.one(request()), OWNER, failed.model_dump_json())
    assert (response.body["status"], response.body["code"]) == ("failed", "too_long")
    waiting = RECORD.model_copy(update={"done_ms": 0}).model_dump_json()
    _, response = run(imports.listing(request(limit="3")), OWNER, rpc.ListTasksReply(), ["s_1"], waiting)
    assert [one["id"] for one in response.body["imports"]] == ["s_1"] and response.body["next"] is None
    with pytest.raises(PeerError):
        run(imports.one(request(name="no token!")), OWNER)
