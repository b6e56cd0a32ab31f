"""Kept sentences and summaries translated again over HTTP."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.vas import kept_speech, retranslations
from dragoman_edge.dialects.vas import kept_texts as texts
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.requests import CheckSpec, RunTexts, TextResult
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_codec import chunk
from tests.support.vas_tasks import KEY, TASK, entry, request

ROUTES = {
    one.path.removeprefix("/api/v1"): one
    for one in (*retranslations.ROUTES, *kept_speech.ROUTES)
    if "recordings" not in one.path
}
KEPT = replace(TASK, kind="transcribe", target_languages=("es-ES",))
PAGE = rpc.ListEntriesReply(entries=(entry(1), entry(2, "bye"), entry(3, "hola", "fr-FR")))
ALL, ONE, SUMMARY, SPEECH = (
    "/sse/retranslate/{id}", "/tasks/{id}/entries/{sid}/retranslate", "/sse/retranslate/summary/{id}",
    "/sse/tts/{id}",
)  # fmt: skip


def asked(path: str, sent: HttpRequest, *more: Any) -> tuple[list[Any], HttpResponse]:
    return exchanged(ROUTES[path], sent, KEY, rpc.GetTaskReply(task=KEPT), *more)


def streamed(answer: HttpResponse, *results: Any) -> tuple[list[Any], list[tuple[str, Any]]]:
    """What the workers and the archive are asked, and the events; texts are answered by `results`."""
    assert answer.status == 200 and isinstance(answer.body, Pieces)
    questions, text, left = [], "", list(results)
    sent: Any = None
    while True:
        try:
            thrown = isinstance(sent, DragomanError)
            piece = answer.body.pieces.throw(sent) if thrown else answer.body.pieces.send(sent)
        except StopIteration:
            break
        sent = None
        if isinstance(piece, str):
            text += piece
            continue
        questions.append(piece)
        sent = left.pop(0) if isinstance(piece, RunTexts) else rpc.KeepTranslationReply()
    events = [event.split("\n") for event in text.strip().split("\n\n")]
    named = [(a.removeprefix("event: "), json.loads(b.removeprefix("data: "))) for a, b in events]
    return questions, named


def test_each_sentence_is_translated_kept_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "AT_ONCE", 2)
    questions, answer = asked(ALL, request(targetLang="de"), PAGE, ())
    assert isinstance(questions[-1], CheckSpec)
    failed = TextResult(code="engine_failed", message="no")
    questions, told = streamed(answer, (TextResult("eins"), failed), (TextResult("drei"),))
    assert [name for name, _ in told] == ["connected", "translation", "error", "translation", "done"]
    assert told[1][1] == {
        "sid": 1,
        "translations": {"de": {"sid": 1, "text": "eins", "is_final": True, "is_retranslation": True}},
    }
    assert (told[2][1]["sid"], told[2][1]["error_code"]) == (2, "retranslation_failed")
    assert told[-1][1] == {
        "translation_language": "de", "success_count": 2, "failed_count": 1, "failed_sids": [2],
    }  # fmt: skip
    kept = [one.translation for one in questions if isinstance(one, rpc.KeepTranslationRequest)]
    assert [(one.utterance, one.text) for one in kept] == [(1, "eins"), (3, "drei")]
    runs = [one for one in questions if isinstance(one, RunTexts)]
    assert [(len(one.jobs), one.last) for one in runs] == [(2, False), (1, True)]


def test_what_is_in_the_language_already_is_left_out() -> None:
    _, answer = asked(ALL, request(targetLang="fr"), PAGE, ())
    _, told = streamed(answer, (TextResult("un"), TextResult("deux")))
    assert [data["sid"] for name, data in told if name == "translation"] == [1, 2]


def test_credits_that_are_used_up_end_the_stream_with_what_is_missing() -> None:
    _, answer = asked(ALL, request(targetLang="de"), PAGE, ())
    _, told = streamed(answer, PeerError(FaultCode.INSUFFICIENT_CREDITS))
    assert [name for name, _ in told] == ["connected", "error", "done"]
    assert told[1][1]["error_code"] == "quota_exceeded" and told[2][1]["failed_sids"] == [1, 2, 3]


def test_one_sentence_is_translated_again() -> None:
    sent = request(body={"target_language": "de"}, method="POST")
    sent.path_parameters["sid"] = "2"
    questions, answer = asked(ONE, sent, PAGE, (), (TextResult("zwei"),), rpc.KeepTranslationReply())
    assert isinstance(answer.body, dict) and answer.body["data"]["translations"]["de"]["text"] == "zwei"
    assert questions[-1].translation.utterance == 2
    _, answer = asked(ONE, sent, PAGE, (), (TextResult(code="x"),))
    assert isinstance(answer.body, dict)
    assert (answer.status, answer.body["error_code"]) == (400, "retranslation_failed")
    for sid in ("9", "x"):
        sent.path_parameters["sid"] = sid
        _, answer = asked(ONE, sent, PAGE)
        assert answer.status == 404


MADE = rpc.Summary(id="sum_1", state="done", text="- One\n\n## Two", language="en")


def test_a_summary_is_translated_line_by_line() -> None:
    _, answer = asked(SUMMARY, request(targetLang="de"), rpc.GetSummaryReply(summary=MADE), ())
    questions, told = streamed(answer, (TextResult("Eins"), TextResult(code="x")))
    assert [job.text for job in questions[0].jobs] == ["One", "Two"]
    assert told[1][1] == {"translation_language": "de", "final_content": "- Eins\n\n## Two"}
    _, answer = asked(SUMMARY, request(targetLang="de"), rpc.GetSummaryReply(summary=MADE), ())
    _, told = streamed(answer, PeerError(FaultCode.RATE_LIMITED))
    assert [name for name, _ in told] == ["connected", "error"]
    _, answer = asked(SUMMARY, request(targetLang="de"), rpc.GetSummaryReply())
    assert answer.status == 404


def test_sentences_are_spoken() -> None:
    _, answer = asked(SPEECH, request(language="es", sid="1", length="3"), PAGE, ())
    spoken = TextResult(speech=(chunk(last=True),))
    questions, told = streamed(answer, (spoken, TextResult(code="insufficient_credits")))
    assert [name for name, _ in told] == ["connected", "tts_error", "tts_ready", "tts_error", "done"]
    assert [data["error"] for name, data in told if name == "tts_error"] == [
        "translation_not_found", "tts_quota_exceeded",
    ]  # fmt: skip
    (run,) = questions
    assert all(job.speech and job.translated for job in run.jobs)
    ready = next(data for name, data in told if name == "tts_ready")
    assert (ready["sid"], ready["transcript"], ready["format"]) == (1, "hello", "mp3")


@pytest.mark.parametrize(
    ("query", "status"), [({"sid": "70"}, 404), ({"length": "21"}, 400), ({"language": "!"}, 400)]
)
def test_speech_that_cannot_be_is_refused(query: dict[str, str], status: int) -> None:
    _, answer = asked(SPEECH, request(**query), PAGE)
    assert answer.status == status
