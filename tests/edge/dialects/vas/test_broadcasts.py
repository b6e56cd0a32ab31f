"""The endpoints of hosts."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_edge.model.broadcasts import (
    BroadcastPage,
    BroadcastWish,
    ChangeBroadcast,
    FindBroadcast,
    ListBroadcasts,
    MakeBroadcast,
    RevokeBroadcast,
)
from dragoman_edge.model.requests import CheckSpec
from tests.support.vas_broadcasts import MADE, OWNER, exchanged, request, route
from tests.support.vas_codec import NOW


def test_a_wish_is_read() -> None:
    body = {"name": "Talk", "transcription_language": "EN_us", "translation_languages": ["es-es", "es-ES"],
            "password": "open", "max_viewers": 7}  # fmt: skip
    (_, checked, made), answer = exchanged(route("POST", "/broadcasts"), request(body), OWNER, (), MADE)
    assert isinstance(checked, CheckSpec)
    assert checked.spec.tracks[0].target_languages == ("es-ES",)
    assert isinstance(made, MakeBroadcast) and made.account_id == "acme"
    assert made.wish.source_languages == ("en-US",) and made.wish.target_languages == ("es-ES",)
    assert (made.wish.password, made.wish.max_viewers) == ("open", 7)
    assert answer.status == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"max_viewers": 0}, "invalid_request"),
        ({"access_type": "password"}, "invalid_request"),
        ({"access_type": "secret"}, "invalid_request"),
        ({"translation_languages": ["!"]}, "language_not_supported"),
        ([], "invalid_request"),
        ({"name": "x" * 201}, "invalid_request"),
    ],
)
def test_a_wish_that_cannot_be(body: Any, code: str) -> None:
    _, answer = exchanged(route("POST", "/broadcasts"), request(body), OWNER)
    assert answer.status == 400 and isinstance(answer.body, dict)
    assert answer.body["error_code"] == code


def test_a_ticket_makes_no_broadcast() -> None:
    _, answer = exchanged(route("POST", "/broadcasts"), request({}), replace(OWNER, token=True))
    assert answer.status == 401


def test_a_broadcast_is_looked_at_and_ended_by_its_owner_alone() -> None:
    questions, answer = exchanged(route("GET", "/broadcasts/{id}"), request(id="b-1"), OWNER, MADE)
    assert questions[1] == FindBroadcast("b-1", "acme") and answer.status == 200
    revoked = replace(MADE, revoked_at_ms=NOW)
    questions, answer = exchanged(
        route("DELETE", "/broadcasts/{id}"), request(id="b-1"), OWNER, MADE, revoked
    )
    assert questions[2] == RevokeBroadcast("a3f9")
    assert isinstance(answer.body, dict) and answer.body["data"]["status"] == "revoked"
    for method in ("GET", "DELETE"):
        _, answer = exchanged(route(method, "/broadcasts/{id}"), request(id="b-2"), OWNER, None)
        assert answer.status == 404 and isinstance(answer.body, dict)
        assert answer.body["error_code"] == "broadcast_not_found"


@pytest.mark.parametrize(
    ("query", "first", "most", "meta"),
    [
        ({}, 0, 20, {"current_page": 1, "last_page": 1, "per_page": 20, "total": 3}),
        ({"page": "2", "per_page": "2"}, 2, 2,
         {"current_page": 2, "last_page": 2, "per_page": 2, "total": 3}),
        ({"page": "0", "per_page": "x"}, 0, 20,
         {"current_page": 1, "last_page": 1, "per_page": 20, "total": 3}),
        ({"per_page": "9999"}, 0, 100,
         {"current_page": 1, "last_page": 1, "per_page": 100, "total": 3}),
    ],
)  # fmt: skip
def test_broadcasts_are_listed_a_page_at_a_time(
    query: dict[str, str], first: int, most: int, meta: dict[str, int]
) -> None:
    page = BroadcastPage((MADE,), 3)
    questions, answer = exchanged(route("GET", "/broadcasts"), request(None, query), OWNER, page)
    assert questions[1:] == [ListBroadcasts("acme", first, most)]
    assert isinstance(answer.body, dict) and answer.body["meta"] == meta
    assert len(answer.body["data"]) == 1


CHANNEL = {
    "name": "Talk", "transcription_language": "en-US", "translation_languages": ["es-ES"],
    "tts_config": {"es": {"voice": "v", "speaking_rate": 1.2}}, "speaker_diarization": True,
    "summary_template": "meeting", "summary_language": "fr", "callback_url": "https://a.example/hook",
}  # fmt: skip


def test_a_channel_has_what_its_sessions_begin_with() -> None:
    questions, answer = exchanged(route("POST", "/broadcasts"), request(CHANNEL), OWNER, (), MADE)
    wish = questions[2].wish
    assert (wish.voices[0].language, wish.voices[0].voice, wish.voices[0].rate) == ("es", "v", 1.2)
    assert (wish.speakers, wish.summary_template, wish.summary_language) == (8, "meeting", "fr")
    assert wish.callback_url == "https://a.example/hook" and answer.status == 201
    checked = questions[1].spec
    assert checked.speech and checked.voices == wish.voices  # a voice that nobody has is refused


def test_speakers_are_told_apart_in_one_language_only() -> None:
    body = CHANNEL | {"transcription_language": ["en", "fr"]}
    _, answer = exchanged(route("POST", "/broadcasts"), request(body), OWNER)
    assert isinstance(answer.body, dict)
    assert answer.body["error_code"] == "diarization_multilang_conflict"


def test_what_a_change_does_not_name_stays() -> None:
    wish = BroadcastWish(name="Talk", target_languages=("es-ES",), password=None, max_viewers=4,
                         speakers=8, callback_url="https://a.example/hook")  # fmt: skip
    made = replace(MADE, wish=wish)
    body = {"name": "Other", "max_viewers": None, "speaker_diarization": False}
    questions, answer = exchanged(
        route("PATCH", "/broadcasts/{id}"), request(body, id="b-1"), OWNER, made, (), made
    )
    wanted = replace(wish, name="Other", max_viewers=0, speakers=0)
    assert questions[3] == ChangeBroadcast("a3f9", wanted) and answer.status == 200


@pytest.mark.parametrize(
    ("body", "password"),
    [
        ({"access_type": "public"}, ""),
        ({"pass_code": "new"}, "new"),
        ({"access_type": "password", "pass_code": "new"}, "new"),
        ({"name": "x"}, None),
    ],
)
def test_a_password_is_changed_when_it_is_told(body: dict[str, str], password: str | None) -> None:
    made = replace(MADE, has_password=True, wish=BroadcastWish(password=None))
    questions, _ = exchanged(route("PATCH", "/broadcasts/{id}"), request(body, id="b"), OWNER, made, made)
    assert questions[2].wish.password == password


def test_a_password_that_is_not_named_is_missed() -> None:
    body = {"access_type": "password"}
    _, answer = exchanged(route("PATCH", "/broadcasts/{id}"), request(body, id="b"), OWNER, MADE)
    assert answer.status == 400


def test_many_are_revoked_and_the_unknown_are_named() -> None:
    body = {"broadcast_ids": ["b-1", "b-2", "b-1"]}
    questions, answer = exchanged(
        route("DELETE", "/broadcasts/batch"), request(body), OWNER, MADE, MADE, None
    )
    assert questions[2] == RevokeBroadcast("a3f9") and isinstance(answer.body, dict)
    assert answer.body["data"] == {"deleted": ["b-1"], "deleted_count": 1, "not_found": ["b-2"]}


def test_a_broadcast_without_languages_is_not_checked() -> None:
    questions, answer = exchanged(route("POST", "/broadcasts"), request({}), OWNER, MADE)
    assert answer.status == 201 and isinstance(questions[1], MakeBroadcast)


def test_a_public_broadcast_has_no_password_though_one_is_sent() -> None:
    body = {"access_type": "public", "password": "open"}
    questions, _ = exchanged(route("POST", "/broadcasts"), request(body), OWNER, MADE)
    assert questions[1].wish.password == ""
