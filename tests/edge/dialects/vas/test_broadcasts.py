"""The endpoints of hosts."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_edge.model.broadcasts import (
    MakeBroadcast,
)
from dragoman_edge.model.requests import CheckSpec
from tests.support.vas_broadcasts import MADE, OWNER, exchanged, request, route


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
