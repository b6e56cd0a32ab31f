"""Summaries over HTTP."""

import json
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.dialects.vas import summary_requests
from dragoman_edge.model.http import HttpResponse, Pieces
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_tasks import KEY, SESSION, WHO, request

ROUTES = {
    (one.method, one.path.removeprefix("/api/v1")): one
    for one in summary_requests.ROUTES
    if "recordings" not in one.path
}
MADE = rpc.Summary(id="sum_1", state="done", mode="builtin", template="call", text="words", revision=2)
DONE = rpc.SummariseReply(summary=MADE)
AGAIN = "/tasks/{id}/regenerate-summary"


def asked(method: str, path: str, *answers: Any, **sent: Any) -> tuple[list[Any], HttpResponse]:
    questions, answer = exchanged(ROUTES[method, path], request(method=method, **sent), KEY, *answers)
    return questions[1:], answer


def code(answer: HttpResponse) -> tuple[int, str]:
    assert isinstance(answer.body, dict)
    return answer.status, answer.body["error_code"]


def test_a_preview_is_not_stored_and_a_post_is() -> None:
    (question,), answer = asked("GET", AGAIN, DONE, summary_template="call", plain_text="true")
    wish = ev.SummaryWish(mode="builtin", template="call", plain_text=True)
    assert question == rpc.SummariseRequest(**WHO, task_id=SESSION, wish=wish)
    assert isinstance(answer.body, dict) and answer.body["data"]["is_preview"]
    body = {"summary_prompt": "In rhymes", "summary_prompt_slug": "rhymes", "summary_language": "fr"}
    (question,), answer = asked("POST", AGAIN, DONE, body=body)
    assert question.store and question.wish == ev.SummaryWish(
        mode="custom", template="rhymes", prompt="In rhymes", language="fr"
    )
    assert isinstance(answer.body, dict)
    data = answer.body["data"]
    assert (data["final_content"], data["revision"], data["is_preview"]) == ("words", 2, False)
    (question,), _ = asked("POST", AGAIN, DONE)
    assert question.wish == ev.SummaryWish()  # as it was wished for


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"mode": "builtin", "prompt": "x"}, "summary_mode_field_mismatch"),
        ({"mode": "custom"}, "summary_mode_field_mismatch"),
        ({"template": "call", "prompt": "x"}, "summary_mode_field_mismatch"),
        ({"template": "unknown"}, "summary_template_not_found"),
        ({"prompt": "x" * 2001}, "invalid_request"),
        ({"template": "call", "language": "!"}, "language_not_supported"),
    ],
)
def test_a_wish_that_makes_no_sense_asks_nobody(body: dict[str, str], expected: str) -> None:
    questions, answer = asked("POST", AGAIN, body=body)
    assert questions == [] and code(answer) == (400, expected)
    _, answer = asked("POST", "/summary", body={"content": "words"} | body)
    assert code(answer)[1] == expected and code(answer)[0] in (400, 422)


@pytest.mark.parametrize("error", ["summary_timeout", "llm_content_filtered", "summary_failed"])
def test_one_that_fails_is_told(error: str) -> None:
    failed = rpc.SummariseReply(summary=rpc.Summary(id="", state="failed", error=error))
    _, answer = asked("POST", AGAIN, failed)
    assert code(answer) == (502, error)


def streamed(answer: HttpResponse, reply: Any) -> list[tuple[str, Any]]:
    assert isinstance(answer.body, Pieces)
    pieces, text = answer.body.pieces, ""
    text += next(pieces)
    assert isinstance(next(pieces), rpc.SummariseRequest)
    try:
        text += pieces.throw(reply) if isinstance(reply, Exception) else pieces.send(reply)
        while True:
            text += next(pieces)
    except StopIteration:
        events = [event.split("\n") for event in text.strip().split("\n\n")]
        return [(a.removeprefix("event: "), json.loads(b.removeprefix("data: "))) for a, b in events]


def test_a_text_is_summarised_as_a_stream() -> None:
    _, answer = asked("POST", "/summary", body={"content": "One.\nTwo.", "format": "paragraph"})
    told = streamed(answer, DONE)
    assert [name for name, _ in told] == ["connected", "summary", "done"]
    assert told[1][1]["final_content"] == "words"
    for error, expected in (
        (PeerError(FaultCode.BAD_REQUEST), "invalid_request"),
        (MeshError(FaultCode.UNAVAILABLE), "summary_failed"),
        (rpc.SummariseReply(), "summary_failed"),
    ):
        _, answer = asked("POST", "/summary", body={"content": "One."})
        name, data = streamed(answer, error)[1]
        assert (name, data["error_code"]) == ("error", expected)


def test_a_bearer_is_a_key_too() -> None:
    sent = request(method="POST", body={"content": "One."})
    sent.headers.pop("x-api-key")
    sent.headers["authorization"] = "Bearer vas_2"
    questions, answer = exchanged(ROUTES["POST", "/summary"], sent, KEY)
    assert questions[0].credential == "vas_2" and answer.status == 200


def test_templates_are_listed_by_category_and_shown_with_their_layers() -> None:
    _, answer = asked("GET", "/summary-templates")
    assert isinstance(answer.body, dict) and len(answer.body["data"]) >= 7
    _, answer = asked("GET", "/summary-templates", category="medical")
    assert isinstance(answer.body, dict)
    assert [one["slug"] for one in answer.body["data"]] == ["consultation"]
    assert code(asked("GET", "/summary-templates", category="x")[1]) == (400, "invalid_request")
    sent = request()
    for slug, status in (("call", 200), ("x", 404)):
        sent.path_parameters["slug"] = slug
        _, answer = exchanged(ROUTES["GET", "/summary-templates/{slug}"], sent, KEY)
        assert answer.status == status
        if status == 200:
            assert isinstance(answer.body, dict)
            assert answer.body["data"]["layers"].keys() == {"system", "template", "output"}
