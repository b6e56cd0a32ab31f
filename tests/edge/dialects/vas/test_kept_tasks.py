"""Endpoints of tasks: with a key, of its own account, in the API's envelope."""

from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.vas import kept_tasks, task_access
from dragoman_edge.model.http import HttpResponse, Pieces
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_tasks import KEY, SESSION, TASK, UUID, WHO, entry, request

OTHER = "s_" + "b" * 24
ONE, NO_SUMMARY = rpc.GetTaskReply(task=TASK), rpc.GetSummaryReply()
ROUTES = {(one.method, one.path.removeprefix(task_access.TASKS)): one for one in kept_tasks.ROUTES}


def asked(method: str, rest: str, *answers: Any, **sent: Any) -> tuple[list[Any], HttpResponse]:
    questions, answer = exchanged(ROUTES[method, rest], request(**sent), KEY, *answers)
    return questions[1:], answer


def data(answer: HttpResponse) -> Any:
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    assert isinstance(answer.body, dict)
    return answer.body["data"]


def code(answer: HttpResponse) -> tuple[int, str]:
    assert isinstance(answer.body, dict) and answer.body["type"] == "error"
    return answer.status, answer.body["error_code"]


def whole(answer: HttpResponse, *pages: rpc.ListEntriesReply) -> tuple[list[Any], str]:
    """What else a stream asks, and its text."""
    assert answer.status == 200 and isinstance(answer.body, Pieces)
    questions: list[Any] = []
    text, left, sent = "", list(pages), None
    while True:
        try:
            piece = answer.body.pieces.send(sent)
        except StopIteration:
            return questions, text
        sent = None
        if isinstance(piece, str):
            text += piece
        else:
            questions.append(piece)
            sent = left.pop(0)


@pytest.mark.parametrize(("status", "state"), [
    ("", rpc.TaskState.COMPLETED), ("completed", rpc.TaskState.COMPLETED), ("active", rpc.TaskState.ACTIVE),
    ("failed", rpc.TaskState.FAILED), ("all", rpc.TaskState.UNSPECIFIED),
])  # fmt: skip
def test_tasks_are_listed_by_their_status(status: str, state: rpc.TaskState) -> None:
    page = rpc.ListTasksReply(tasks=(TASK,), next="1.x")
    (question,), answer = asked("GET", "", page, status=status, limit="5", after="2.y")
    assert question == rpc.ListTasksRequest(**WHO, limit=5, after="2.y", state=state)
    body = data(answer)
    assert [task["task_id"] for task in body["tasks"]] == [UUID] and body["next"] == "1.x"


@pytest.mark.parametrize("query", [{"status": "new"}, {"limit": "0"}, {"limit": "101"}, {"limit": "x"}])
def test_a_list_that_cannot_be_is_refused(query: dict[str, str]) -> None:
    _, answer = asked("GET", "", **query)
    assert code(answer) == (400, "invalid_request")


CHANGES: list[tuple[str, str, object, rpc.TaskChange, str]] = [
    ("PATCH", "/{id}/name", {"name": " Talk "}, rpc.TaskChange.RENAME, "Talk"),
    ("PUT", "/{id}/pin", {"is_pinned": True}, rpc.TaskChange.PIN, ""),
    ("PUT", "/{id}/pin", {"is_pinned": False}, rpc.TaskChange.UNPIN, ""),
    ("PUT", "/{id}/read", None, rpc.TaskChange.READ, ""),
    ("POST", "/{id}/force-fail", None, rpc.TaskChange.FAIL, ""),
]


@pytest.mark.parametrize(("method", "rest", "body", "change", "title"), CHANGES)
def test_a_task_is_changed(method: str, rest: str, body: object, change: rpc.TaskChange, title: str) -> None:
    (question,), answer = asked(method, rest, rpc.ChangeTasksReply(tasks=(TASK,)), body=body)
    assert question == rpc.ChangeTasksRequest(**WHO, task_ids=(SESSION,), change=change, title=title)
    assert data(answer)["task_id"] == UUID
    _, unknown = asked(method, rest, rpc.ChangeTasksReply(), body=body)
    assert code(unknown) == (404, "recording_not_found")


@pytest.mark.parametrize(("rest", "method", "body"), [
    ("/{id}/name", "PATCH", {}), ("/{id}/name", "PATCH", {"name": "  "}),
    ("/{id}/name", "PATCH", {"name": 7}),    ("/{id}/name", "PATCH", {"name": "x" * 101}),
    ("/{id}/pin", "PUT", {"is_pinned": "yes"}), ("/{id}/pin", "PUT", []),
    ("/batch", "DELETE", {"task_ids": []}), ("/batch", "DELETE", {"task_ids": [UUID] * 101}),
    ("/batch/pin", "PUT", {"task_ids": [UUID]}),
])  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused(rest: str, method: str, body: object) -> None:
    _, answer = asked(method, rest, body=body)
    assert code(answer) == (400, "invalid_request")


def test_a_task_is_shown_and_deleted() -> None:
    questions, answer = asked("GET", "/{id}", ONE)
    assert questions == [rpc.GetTaskRequest(**WHO, task_id=SESSION)] and data(answer)["task_id"] == UUID
    questions, answer = asked("DELETE", "/{id}", rpc.DeleteTasksReply(task_ids=(SESSION,)))
    assert questions == [rpc.DeleteTasksRequest(**WHO, task_ids=(SESSION,))]
    assert data(answer) == {"task_id": UUID, "deleted": True}
    _, answer = asked("DELETE", "/{id}", rpc.DeleteTasksReply())
    assert code(answer) == (404, "recording_not_found")


def test_a_batch_says_what_was_not_there() -> None:
    body = {"task_ids": [UUID, UUID.upper(), task_id(OTHER), "no-id"], "is_pinned": True}
    (question,), answer = asked("DELETE", "/batch", rpc.DeleteTasksReply(task_ids=(SESSION,)), body=body)
    assert question == rpc.DeleteTasksRequest(**WHO, task_ids=(SESSION, OTHER))
    missing = [task_id(OTHER), "no-id"]
    assert data(answer) == {"deleted": [UUID], "deleted_count": 1, "not_found": missing}
    (question,), answer = asked("PUT", "/batch/pin", rpc.ChangeTasksReply(tasks=(TASK,)), body=body)
    assert question.change is rpc.TaskChange.PIN
    assert data(answer) == {"updated": [UUID], "updated_count": 1, "not_found": missing}


@pytest.mark.parametrize(("method", "rest"), [("DELETE", "/batch"), ("PUT", "/batch/pin")])
def test_a_batch_of_no_ids_asks_nobody(method: str, rest: str) -> None:
    questions, answer = asked(method, rest, body={"task_ids": ["no-id"], "is_pinned": False})
    assert questions == [] and data(answer)["not_found"] == ["no-id"]


def test_sentences_come_in_pages() -> None:
    page = rpc.ListEntriesReply(entries=(entry(1),), next="1.0.1")
    questions, answer = asked("GET", "/{id}/entries", ONE, page, limit="1")
    assert questions[1] == rpc.ListEntriesRequest(**WHO, task_id=SESSION, limit=1)
    assert data(answer)["next"] == "1.0.1" and data(answer)["entries"][0]["origin"]["sid"] == 1


def test_a_transcript_is_a_file_of_all_pages() -> None:
    first = rpc.ListEntriesReply(entries=(entry(1, "one"),), next="1.0.1")
    _, answer = asked("GET", "/{id}/transcript/export", ONE, first, format="SRT")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="transcript-{UUID}.srt"'
    questions, text = whole(answer, rpc.ListEntriesReply(entries=(entry(2, "two"),)))
    assert questions == [rpc.ListEntriesRequest(**WHO, task_id=SESSION, limit=200, after="1.0.1")]
    assert "one" in text and "2\n" in text and "two" in text


def test_a_format_that_there_is_not_is_refused() -> None:
    _, answer = asked("GET", "/{id}/transcript/export", format="docx")
    assert code(answer) == (400, "invalid_request")


def test_history_is_a_stream_of_named_events() -> None:
    first = rpc.ListEntriesReply(entries=(entry(1, "one"),))
    _, answer = asked("GET", "/api/v1/sse/history/transcribe/{id}", ONE, first, NO_SUMMARY)
    _, text = whole(answer)
    names = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert names == ["connected", "init_metadata", "result", "done"]


@pytest.mark.parametrize("path", ["/{id}/audio/export", "/api/v1/sse/audio/{id}"])
def test_there_is_no_audio(path: str) -> None:
    _, answer = asked("GET", path, rpc.GetAudioReply())
    assert code(answer) == (404, "audio_not_found")


RECORDED = rpc.GetAudioReply(tracks=(rpc.TrackAudio(track=0, samples=16_000, bytes=5000),))


def test_the_audio_is_played_in_ranges_and_exported_as_a_file() -> None:
    _, answer = asked("GET", "/api/v1/sse/audio/{id}", RECORDED)
    assert (answer.status, answer.headers["Content-Length"]) == (200, "5000")
    assert isinstance(answer.body, Pieces) and answer.body.media_type == "audio/ogg"
    _, exported = asked("GET", "/{id}/audio/export", RECORDED)
    assert exported.headers["Content-Disposition"].endswith('.m4a"')
    assert isinstance(exported.body, Pieces) and exported.body.convert == "m4a"
    _, refused = asked("GET", "/{id}/audio/export", format="mp3")
    assert code(refused) == (400, "invalid_request")


def test_nothing_can_be_tried_again() -> None:
    _, answer = asked("POST", "/{id}/retry", ONE)
    assert code(answer) == (400, "recording_retry_not_allowed")


@pytest.mark.parametrize("path", [path for method, path in ROUTES if "{id}" in path and method == "GET"])
def test_an_id_that_is_none_is_an_unknown_task(path: str) -> None:
    questions, answer = asked("GET", path, id="../x")
    assert questions == [] and code(answer) == (404, "recording_not_found")


@pytest.mark.parametrize(("error", "expected"), [
    (PeerError(FaultCode.UNKNOWN_SESSION, "no"), (404, "recording_not_found")),
    (MeshError(FaultCode.UNAVAILABLE, "away", retry_after_ms=2000), (503, "storage_connection_failed")),
])  # fmt: skip
def test_an_archive_that_refuses_is_told(error: Exception, expected: tuple[int, str]) -> None:
    _, answer = asked("GET", "/{id}", error)
    assert code(answer) == expected


def test_a_ticket_reads_no_tasks() -> None:
    token = rpc.AuthenticateReply(**WHO, token=True)
    _, answer = exchanged(ROUTES["GET", ""], request(), token)
    assert code(answer) == (401, "auth_invalid_api_key")


def test_recordings_are_an_alias() -> None:
    for method, rest in list(ROUTES):
        if not rest.startswith("/api/"):
            assert (method, task_access.ALIAS + rest) in ROUTES
