"""The endpoints of session resources."""

import json
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.task_ids import session_id, task_id
from dragoman_edge.dialects.kallglot import sessions
from dragoman_edge.model.requests import Names
from dragoman_edge.model.reservation import SessionReservation
from dragoman_edge.model.served import UnservedError
from tests.support.kallglot_codec import BOTH, CLAIMS, NOW_MS, Mesh, request


def test_the_token_is_bound_to_the_session_and_its_languages() -> None:
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(BOTH))).body
    assert made["stream"]["url"] == f"wss://edge.example/v1/sessions/{made['id']}/connect"
    assert made["created_at"] == "2026-03-26T11:00:00.000Z"
    (issued,) = mesh.issued
    assert json.loads(issued.claims) == CLAIMS | {
        "session_id": made["id"], "voice": "", "recording": False, "by_voice": True,
    }  # fmt: skip
    assert not issued.single_use  # a client that comes back shows it again
    assert (issued.prefix, issued.ttl_ms) == ("kst_", 3_600_000)


def test_a_socket_token_opens_no_endpoint() -> None:
    for handler in (sessions.create, sessions.listing, sessions.retrieve, sessions.end):
        asked = request(BOTH, "sess_1", headers={"authorization": "Bearer kst_1"})
        with pytest.raises(PeerError) as caught:
            Mesh().run(handler(asked))
        assert caught.value.code is FaultCode.INVALID_CREDENTIAL


def test_a_language_that_is_not_served_is_refused_when_the_session_is_made() -> None:
    mesh = Mesh()
    mesh.refusal = UnservedError("'en' cannot be translated into 'de'", "de", "en")
    answer: Any = mesh.run(sessions.create(request(BOTH)))
    assert answer.status == 400
    assert answer.body["error"]["code"] == "invalid_language_code"
    assert answer.body["error"]["param"] == "source_language"
    assert "translated into 'de'" in answer.body["error"]["message"]
    assert mesh.kept == {}
    mesh.refusal = PeerError(FaultCode.UNSUPPORTED_VOICE, "voice 'x' is unknown")
    answer = mesh.run(sessions.create(request(BOTH)))
    assert (answer.status, answer.body["error"]["param"]) == (400, "voice")


def test_a_fleet_that_tells_no_voices_apart_makes_the_session_all_the_same() -> None:
    mesh = Mesh()
    mesh.voiceless = True
    assert mesh.run(sessions.create(request(BOTH))).status == 201
    (issued,) = mesh.issued
    assert json.loads(issued.claims)["by_voice"] is False


RECORDED = BOTH | {"recording": {"enabled": True}}


def test_a_recording_that_the_tier_does_not_allow_makes_no_session() -> None:
    mesh = Mesh()
    mesh.disallowed = PeerError(FaultCode.UNSUPPORTED_FEATURE, "the tier does not allow audio to be kept")
    answer: Any = mesh.run(sessions.create(request(RECORDED)))
    told = answer.body["error"]
    assert (answer.status, told["code"], told["param"]) == (400, "feature_not_available", "recording")
    assert told["message"] == "the tier does not allow audio to be kept"
    assert mesh.kept == {} and not mesh.issued


def test_only_a_recording_is_a_question_of_the_tier() -> None:
    mesh = Mesh()
    assert mesh.run(sessions.create(request(BOTH))).status == 201 and mesh.quoted == []
    made: Any = mesh.run(sessions.create(request(RECORDED))).body
    assert [spec.keep and spec.keep.audio for spec in mesh.quoted] == [True]
    assert json.loads(mesh.issued[-1].claims)["recording"] is True
    assert made["recording"]["status"] == "pending"


def test_a_recorded_session_shows_how_its_recording_stands_and_lists_and_ends_only_that_there_is_one() -> (
    None
):
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(RECORDED))).body
    name = made["id"]

    def found() -> Any:
        body: Any = mesh.run(sessions.retrieve(request(session_id=name))).body
        return body["recording"]

    assert (found()["status"], found()["url"]) == ("pending", None)
    mesh.kept[f"acc_key.life.{name}"] = SessionReservation(started_at_ms=NOW_MS).model_dump_json()
    mesh.live.add(name)
    mesh.tasks[name] = rpc.Task(id=name, audio_ms=4800)
    assert (found()["status"], found()["duration_seconds"]) == ("in_progress", 4.8)
    listed: Any = mesh.run(sessions.listing(request())).body
    ended: Any = mesh.run(sessions.end(request(None, name))).body
    assert listed["data"][0]["recording"] == ended["recording"] == {"enabled": True}
    assert found()["status"] == "processing"


def made_ids(mesh: Mesh, count: int) -> list[str]:
    """That many sessions, the newest last."""
    bodies: list[Any] = [
        mesh.run(sessions.create(request(BOTH, new_id=f"{number:02d}", now_ms=mesh.now_ms + number))).body
        for number in range(count)
    ]
    return [body["id"] for body in bodies]


def test_the_task_of_a_session_leads_back_to_it() -> None:
    names = made_ids(Mesh(), 3)
    assert [session_id(task_id(name)) for name in names] == names == sorted(set(names))


def listed(mesh: Mesh, **query: str) -> tuple[list[str], bool]:
    body: Any = mesh.run(sessions.listing(request(query=query))).body
    assert (body["object"], body["url"]) == ("list", "/v1/sessions")
    return [one["id"] for one in body["data"]], body["has_more"]


def test_the_newest_sessions_come_first_a_page_at_a_time() -> None:
    mesh = Mesh()
    newest_first = made_ids(mesh, 5)[::-1]
    assert listed(mesh) == (newest_first, False)
    assert listed(mesh, limit="2") == (newest_first[:2], True)
    assert listed(mesh, limit="2", starting_after=newest_first[1]) == (newest_first[2:4], True)
    assert listed(mesh, limit="2", starting_after=newest_first[3]) == (newest_first[4:], False)
    assert listed(mesh, limit="2", ending_before=newest_first[3]) == (newest_first[1:3], True)


def test_a_session_that_was_forgotten_meanwhile_is_left_out() -> None:
    mesh = Mesh()
    old, new = made_ids(mesh, 2)
    exchange = sessions.listing(request())
    question = next(exchange)
    while not isinstance(question, Names):
        question = exchange.send(mesh.answer(question))
    question = exchange.send(mesh.answer(question))
    mesh.kept.pop(f"acc_key.kallglot.session.{new}")
    with pytest.raises(StopIteration) as done:
        while True:
            question = exchange.send(mesh.answer(question))
    assert [one["id"] for one in done.value.value.body["data"]] == [old]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "٣", "9" * 20])
def test_a_page_has_bounds(limit: str) -> None:
    answer: Any = Mesh().run(sessions.listing(request(query={"limit": limit})))
    assert (answer.status, answer.body["error"]["param"]) == (400, "limit")


def test_while_it_has_not_ended_a_session_comes_with_a_fresh_token() -> None:
    mesh = Mesh()
    (name,) = made_ids(mesh, 1)
    found: Any = mesh.run(sessions.retrieve(request(session_id=name))).body
    assert (found["status"], found["stream"]["token"]) == ("created", "kst_2")
    for unknown in ("sess_9", "no safe name", "a.b"):
        with pytest.raises(PeerError) as refused:
            mesh.run(sessions.retrieve(request(session_id=unknown)))
        assert refused.value.code is FaultCode.UNKNOWN_SESSION


def test_a_session_is_ended_once_and_its_reason_stays() -> None:
    mesh = Mesh()
    (name,) = made_ids(mesh, 1)
    mesh.live.add(name)
    ended: Any = mesh.run(sessions.end(request({"reason": "done"}, name, now_ms=NOW_MS + 5000))).body
    assert (ended["status"], ended["end_reason"], ended["stream"]) == ("ended", "done", None)
    assert ended["ended_at"] == "2026-03-26T11:00:05.000Z" and mesh.live == set()
    again: Any = mesh.run(sessions.end(request(None, name, now_ms=NOW_MS + 9000))).body
    assert (again["end_reason"], again["ended_at"]) == ("done", ended["ended_at"])
    found: Any = mesh.run(sessions.retrieve(request(session_id=name))).body
    assert (found["status"], found["stream"]) == ("ended", None)


def test_a_reason_has_a_length() -> None:
    mesh = Mesh()
    (name,) = made_ids(mesh, 1)
    answer: Any = mesh.run(sessions.end(request({"reason": "x" * 101}, name)))
    assert (answer.status, answer.body["error"]["param"]) == (400, "reason")


def test_the_key_may_stand_in_a_header_of_its_own() -> None:
    mesh = Mesh()
    mesh.run(sessions.create(request(BOTH, headers={"x-api-key": "key"})))
    assert mesh.issued[0].credential == "key"
    with pytest.raises(PeerError) as refused:
        mesh.run(sessions.create(request(BOTH, headers={})))
    assert refused.value.code is FaultCode.MISSING_CREDENTIAL


def test_another_request_with_the_same_key_is_a_mismatch() -> None:
    mesh = Mesh()
    (name,) = made_ids(mesh, 1)
    headers = {"authorization": "Bearer key", "idempotency-key": "once"}
    mesh.run(sessions.create(request(BOTH, headers=headers)))
    other = request(BOTH | {"voice": "male"}, headers=headers)
    for exchange in (sessions.create(other), sessions.end(request(None, name, headers=headers))):
        answer: Any = mesh.run(exchange)
        assert (answer.status, answer.body["error"]["code"]) == (400, "idempotency_mismatch")


def test_any_other_refusal_of_the_mesh_is_told_as_it_is() -> None:
    mesh = Mesh()
    mesh.refusal = PeerError(FaultCode.UNSUPPORTED_FEATURE, "no")
    with pytest.raises(PeerError) as refused:
        mesh.run(sessions.create(request(BOTH)))
    assert refused.value.code is FaultCode.UNSUPPORTED_FEATURE
