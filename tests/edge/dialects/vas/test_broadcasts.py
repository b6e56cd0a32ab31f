"""The endpoints of hosts."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_edge.model.broadcasts import EndBroadcast, FindBroadcast, MakeBroadcast
from dragoman_edge.model.requests import CheckSpec, Names
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
    ended = replace(MADE, ended_at_ms=NOW)
    questions, answer = exchanged(
        route("DELETE", "/broadcasts/{id}"), request(id="b-1"), OWNER, MADE, None, ended
    )
    assert questions[2] == EndBroadcast("a3f9")
    assert isinstance(answer.body, dict) and answer.body["data"]["status"] == "ended"
    for method in ("GET", "DELETE"):
        _, answer = exchanged(route(method, "/broadcasts/{id}"), request(id="b-2"), OWNER, None)
        assert answer.status == 404 and isinstance(answer.body, dict)
        assert answer.body["error_code"] == "broadcast_not_found"


@pytest.mark.parametrize(
    ("query", "asked", "meta"),
    [
        ({}, ["a", "b", "c"], {"current_page": 1, "last_page": 1, "per_page": 20, "total": 3}),
        ({"page": "2", "per_page": "2"}, ["c"],
         {"current_page": 2, "last_page": 2, "per_page": 2, "total": 3}),
        ({"page": "0", "per_page": "x"}, ["a", "b", "c"],
         {"current_page": 1, "last_page": 1, "per_page": 20, "total": 3}),
        ({"per_page": "9999"}, ["a", "b", "c"],
         {"current_page": 1, "last_page": 1, "per_page": 100, "total": 3}),
    ],
)  # fmt: skip
def test_broadcasts_are_listed_a_page_at_a_time(
    query: dict[str, str], asked: list[str], meta: dict[str, int]
) -> None:
    found = [MADE if name != "b" else None for name in asked]  # b is forgotten meanwhile
    questions, answer = exchanged(
        route("GET", "/broadcasts"), request(None, query), OWNER, ["a", "b", "c"], *found
    )
    assert questions[1:] == [Names("acme.broadcast"), *(FindBroadcast(name, "acme") for name in asked)]
    assert isinstance(answer.body, dict) and answer.body["meta"] == meta
    assert len(answer.body["data"]) == len([one for one in found if one])


def test_a_broadcast_without_languages_is_not_checked() -> None:
    questions, answer = exchanged(route("POST", "/broadcasts"), request({}), OWNER, MADE)
    assert answer.status == 201 and isinstance(questions[1], MakeBroadcast)


def test_a_public_broadcast_has_no_password_though_one_is_sent() -> None:
    body = {"access_type": "public", "password": "open"}
    questions, _ = exchanged(route("POST", "/broadcasts"), request(body), OWNER, MADE)
    assert questions[1].wish.password == ""
