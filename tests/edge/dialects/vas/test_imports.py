"""Imports in the words of the VAS API."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.task_ids import session_id
from dragoman_edge.dialects.vas import imports
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.imports import INTERRUPTED, ImportRecord, ReceiveUpload, StartImport, State, Upload
from tests.edge.dialects.test_imports import run
from tests.support.vas_codec import NOW
from tests.support.vas_tasks import KEY, SESSION, UUID, request

FIELDS = {"transcription_languages": '["en-US"]', "translation_languages": "es-ES, fr"}
RECORD = ImportRecord(session_id=SESSION, created_at_ms=NOW, at_ms=NOW, duration_ms=2000, done_ms=500)
ROUTES = {(one.method, one.path.removeprefix("/api/v1")): one for one in imports.ROUTES}


def call(method: str, path: str, sent: HttpRequest, *answers: Any) -> tuple[list[Any], HttpResponse]:
    return run(ROUTES[method, path].handle(replace(sent, method=method)), *answers)


def data(response: HttpResponse) -> Any:
    body: Any = response.body
    return body["data"]


def test_a_quota_is_in_credits() -> None:
    sent = request(body={"duration_ms": 90_000, "translation_languages": ["es"]})
    quoted = rpc.QuoteReply(price=1_500_000, price_per_minute=1_000_000, credits_remaining=2_500_000)
    (asked,), response = call("POST", "/imports/check-quota", sent, quoted)
    assert (asked.credential, asked.spec.imported_ms, asked.spec.translate) == ("vas_1", 90_000, True)
    assert data(response) == {
        "allowed": True, "remaining_budget": 2.5, "is_unlimited": False, "duration_minutes": 1.5,
        "estimated_cost": 1.5, "remaining_minutes": 2,
    }  # fmt: skip


def test_what_costs_nothing_is_unlimited() -> None:
    sent = request(body={"duration_ms": 1000})
    _, response = call("POST", "/imports/check-quota", sent, rpc.QuoteReply())
    assert (data(response)["is_unlimited"], data(response)["remaining_minutes"]) == (True, None)


def test_the_key_is_checked_before_the_file_is_read() -> None:
    exchange = ROUTES["POST", "/imports"].handle(request(method="POST"))
    assert isinstance(next(exchange), rpc.AuthenticateRequest)
    assert exchange.send(KEY) == ReceiveUpload("a_1")
    assert ROUTES["POST", "/imports"].upload


def test_an_upload_becomes_an_import_with_the_id_of_its_task() -> None:
    upload = Upload(None, 9, FIELDS | {"recognition_mode": "multi_speaker", "callback_url": "https://x"})  # type: ignore[arg-type]
    asked, response = call("POST", "/imports", request(), KEY, upload, (), rpc.QuoteReply(), RECORD)
    start: StartImport = asked[-1]
    (track,) = start.spec.tracks
    assert (track.source_languages, track.target_languages) == (("en-US",), ("es-ES", "fr"))
    assert start.spec.speakers and start.spec.keep is not None
    assert (start.spec.keep.callback_url, start.spec.keep.audio) == ("https://x", True)
    assert response.status == 201
    assert data(response) == {
        "import_id": UUID, "task_id": UUID, "status": "importing", "progress": 25, "processed_ms": 500,
        "duration_ms": 2000, "error_code": None, "message": None, "created_at": data(response)["created_at"],
    }  # fmt: skip
    assert session_id(UUID) == SESSION


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "invalid_request"),
        ({"transcription_languages": "[]"}, "invalid_request"),
        ({"transcription_languages": "[" * 5000}, "language_not_supported"),
        ({"transcription_languages": '["en","es"]', "recognition_mode": "multi_speaker"},
         "diarization_multilang_conflict"),
        ({"transcription_languages": '["en"]', "recognition_mode": "x"}, "invalid_request"),
    ],
    ids=["none", "empty", "nested", "two languages", "mode"],
)  # fmt: skip
def test_fields_that_make_no_sense_are_refused(fields: dict[str, str], code: str) -> None:
    _, response = call("POST", "/imports", request(), KEY, Upload(None, 9, fields))  # type: ignore[arg-type]
    body: Any = response.body
    assert response.status == 400 and body["error_code"] in (code, "invalid_request")


def test_progress_is_named_events_to_the_end() -> None:
    _, response = call("GET", "/sse/imports/{id}/progress", request(), KEY, RECORD.model_dump_json())
    assert isinstance(response.body, Pieces)
    done = RECORD.model_copy(update={"state": State.COMPLETED}).model_dump_json()
    answers = iter([None, done])
    told, answer = "", None
    with pytest.raises(StopIteration):
        while True:
            step = response.body.pieces.send(answer)
            answer = None
            if isinstance(step, str):
                told += step
            else:
                answer = next(answers)
    names = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event")]
    assert names == ["connected", "progress", "completed"]
    assert json.loads(told.rstrip().rpartition("data: ")[2])["progress"] == 100


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (INTERRUPTED, "import_interrupted"),
        ("insufficient_credits", "quota_exceeded"),
        ("unsupported_audio", "import_format_not_supported"),
        ("too_long", "import_duration_exceeded"),
        ("something new", "internal_error"),
    ],
)
def test_a_failed_import_says_why_in_the_apis_codes(code: str, told: str) -> None:
    failed = RECORD.model_copy(update={"state": State.FAILED, "code": code})
    assert imports.shown(failed)["error_code"] == told


def test_imports_are_listed_and_shown() -> None:
    answers = (KEY, rpc.ListTasksReply(next="on"), ["x"], RECORD.model_copy(
        update={"done_ms": 0}).model_dump_json())  # fmt: skip
    _, response = call("GET", "/imports", request(limit="3"), *answers)
    assert [one["import_id"] for one in data(response)["imports"]] == [UUID]
    assert data(response)["next"] == "on"
    _, response = call("GET", "/imports/{id}", request(), KEY, RECORD.model_dump_json())
    assert data(response)["import_id"] == UUID
    _, response = call("GET", "/imports/{id}", request(id="x"), KEY)
    assert response.status == 404
