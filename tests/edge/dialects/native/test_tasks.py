"""`/v1/tasks`: kept sessions are listed, read and deleted, with a key and within its account."""

from collections.abc import Callable
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.native import tasks
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.http import HttpRequest, HttpResponse

KEY = {"authorization": "Bearer key"}
TASK = rpc.Task(
    id="s_1", dialect="krisp", reference_id="r", source_languages=("en",), target_languages=("es",),
    started_at_ms=1, ended_at_ms=0, delete_at_ms=9, sentences=3, unkept=1,
    speakers=(rpc.Speaker(id="Guest-1", label="Ann"), rpc.Speaker(id="Guest-2", merged_into="Guest-1")),
)  # fmt: skip
ENTRY = rpc.Entry(
    sentence=rpc.KeptSentence(track=0, utterance=4, speaker="agent", language="en", text="hello"),
    translations=(rpc.KeptTranslation(track=0, utterance=4, language="es", text="hola"),),
)
Handle = Callable[[HttpRequest], Exchange]


def request(task_id: str = "s_1", headers: dict[str, str] | None = None, **query: str) -> HttpRequest:
    sent = KEY if headers is None else headers
    return HttpRequest(
        "GET", "/v1/tasks", {"task_id": task_id}, query, sent, b"", "1.2.3.4", "", "x", "test", 0
    )


def asked(handle: Handle, sent: HttpRequest, token: bool = False) -> tuple[Any, Exchange]:
    """What the archive is asked, once the key is known."""
    exchange = handle(sent)
    first = next(exchange)
    assert first == rpc.AuthenticateRequest(credential="key", source="1.2.3.4", dialect="native")
    return exchange.send(rpc.AuthenticateReply(account_id="a_1", token=token)), exchange


def answered(exchange: Exchange, reply: Any) -> Any:
    with pytest.raises(StopIteration) as done:
        exchange.send(reply)
    response: HttpResponse = done.value.value
    assert response.status == 200 and response.headers == {"Cache-Control": "no-store"}
    return response.body


def test_the_accounts_tasks_are_listed() -> None:
    question, exchange = asked(tasks.listing, request(limit="5", after="1.s_0"))
    assert question == rpc.ListTasksRequest(account_id="a_1", limit=5, after="1.s_0")
    body = answered(exchange, rpc.ListTasksReply(tasks=(TASK,), next="1.s_1"))
    assert body["next"] == "1.s_1" and body["tasks"] == [
        {
            "id": "s_1", "status": "active",
                "title": "", "api": "krisp", "reference_id": "r", "spoken": ["en"],
            "to": ["es"], "started_at_ms": 1, "ended_at_ms": None, "delete_at_ms": 9, "end_reason": None,
            "sentences": 3, "not_kept": 1, "speakers": {"Guest-1": "Ann"}, "merged": {"Guest-2": "Guest-1"},
            "audio_ms": None,
        }
    ]  # fmt: skip


def test_a_task_that_ended_says_when_and_why() -> None:
    question, exchange = asked(tasks.one, request())
    assert question == rpc.GetTaskRequest(account_id="a_1", task_id="s_1")
    body = answered(exchange, rpc.GetTaskReply(task=rpc.Task(id="s_1", ended_at_ms=5, reason="ended")))
    assert (body["status"], body["ended_at_ms"], body["end_reason"]) == ("completed", 5, "ended")


def test_a_reply_without_a_task_is_no_task() -> None:
    _, exchange = asked(tasks.one, request())
    with pytest.raises(PeerError) as caught:
        exchange.send(rpc.GetTaskReply())
    assert caught.value.code is FaultCode.UNKNOWN_SESSION


def test_sentences_come_with_their_translations() -> None:
    question, exchange = asked(tasks.entries, request())
    assert question == rpc.ListEntriesRequest(account_id="a_1", task_id="s_1", limit=100)
    (entry,) = answered(exchange, rpc.ListEntriesReply(entries=(ENTRY,)))["entries"]
    assert (entry["speaker"], entry["text"]) == ("agent", "hello")
    assert entry["translations"] == [{"language": "es", "text": "hola"}]


def test_a_task_is_deleted() -> None:
    question, exchange = asked(tasks.delete, request())
    assert question == rpc.DeleteTasksRequest(account_id="a_1", task_ids=("s_1",))
    assert answered(exchange, rpc.DeleteTasksReply(task_ids=("s_1",))) == {"id": "s_1", "deleted": True}


HANDLES = [route.handle for route in tasks.ROUTES]


@pytest.mark.parametrize("handle", HANDLES)
def test_without_a_key_nothing_is_asked(handle: Handle) -> None:
    with pytest.raises(PeerError) as caught:
        next(handle(request(headers={})))
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


@pytest.mark.parametrize("handle", HANDLES)
def test_a_token_that_was_made_for_sessions_reads_no_tasks(handle: Handle) -> None:
    with pytest.raises(PeerError) as caught:
        asked(handle, request(), token=True)
    assert caught.value.code is FaultCode.FORBIDDEN


@pytest.mark.parametrize("handle", [tasks.one, tasks.entries, tasks.delete])
@pytest.mark.parametrize("task_id", ["a.b", "*", ">", "x" * 65, "s 1"])
def test_an_id_that_can_be_none_is_an_unknown_one(handle: Handle, task_id: str) -> None:
    with pytest.raises(PeerError) as caught:
        asked(handle, request(task_id))
    assert caught.value.code is FaultCode.UNKNOWN_SESSION


@pytest.mark.parametrize("limit", ["x", "-1", "1.5", "", "²", "1234567"])
def test_a_limit_that_is_no_number_is_refused(limit: str) -> None:
    with pytest.raises(PeerError) as caught:
        asked(tasks.listing, request(limit=limit))
    assert caught.value.code is FaultCode.BAD_REQUEST


def test_the_secret_of_webhooks_is_shown_to_a_key() -> None:
    question, exchange = asked(tasks.webhook_secret, request())
    assert question == rpc.GetWebhookSecretRequest(account_id="a_1")
    assert answered(exchange, rpc.GetWebhookSecretReply(secret="whsec_x")) == {"secret": "whsec_x"}


RECORDED = rpc.GetAudioReply(tracks=(rpc.TrackAudio(track=1, samples=32_000, missing_ms=60, bytes=9000),))


def test_recordings_are_listed_by_track() -> None:
    question, exchange = asked(tasks.recordings, request())
    assert question == rpc.GetAudioRequest(account_id="a_1", task_id="s_1")
    assert answered(exchange, RECORDED) == {
        "recordings": [{"track": 1, "duration_ms": 2000, "missing_ms": 60, "bytes": 9000}]
    }


def audio_of(**query: str) -> HttpResponse:
    question, exchange = asked(tasks.audio, request("s_1", None, **query))
    assert question == rpc.GetAudioRequest(account_id="a_1", task_id="s_1")
    with pytest.raises(StopIteration) as done:
        exchange.send(RECORDED)
    response: HttpResponse = done.value.value
    return response


def test_audio_is_that_of_the_first_track_unless_another_is_named() -> None:
    assert audio_of().headers["Content-Length"] == "9000"
    assert audio_of(track="1").status == 200
    with pytest.raises(PeerError, match="no such recording"):
        audio_of(track="0")


@pytest.mark.parametrize("query", [{"format": "mp3"}, {"track": "x"}, {"track": "1000"}, {"track": "-1"}])
def test_audio_that_cannot_be_made_is_refused(query: dict[str, str]) -> None:
    exchange = tasks.audio(request("s_1", None, **query))
    next(exchange)
    with pytest.raises(PeerError, match="format"):
        exchange.send(rpc.AuthenticateReply(account_id="a_1"))
