"""The requests of viewers."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.model.broadcasts import Admit, Admitted, FindBroadcast
from tests.support.vas_broadcasts import MADE, exchanged, request, route
from tests.support.vas_codec import (
    NOW,
)


def test_a_wrong_password() -> None:
    questions, answer = exchanged(
        route("POST", "/verify"), request({"password": "x"}, token="a3f9"), error_for("invalid_credential")
    )
    assert questions == [Admit("a3f9", "x", "::1")]
    assert answer.status == 401 and answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_good_password() -> None:
    given = Admitted("vat_x", NOW + 3_600_000)
    body = {"password": "x", "viewer_key": "k" * 16}
    questions, answer = exchanged(route("POST", "/verify"), request(body, token="a3f9"), given)
    assert questions == [Admit("a3f9", "x", "::1", "k" * 16)]
    assert isinstance(answer.body, dict) and answer.body["data"]["expires_in"] == 3600


def test_what_a_viewer_wants() -> None:
    vas = Vas()
    asked = request(query={"lang": "es_es", "tts": "true", "viewer_access_token": "vat_x"}, token="a3f9")
    watch = vas.watch(asked)
    assert (watch.token, watch.language, watch.speech, watch.access) == ("a3f9", "es-ES", True, "vat_x")
    assert vas.watch(replace(asked, query={}, headers={"authorization": "Bearer y"})).access == "y"
    assert watch.key == "" and vas.watch(replace(asked, query={"viewer_key": "k" * 16})).key == "k" * 16
    for wrong in ({"tts": "perhaps"}, {"lang": "!"}, {"viewer_key": "short"}, {"viewer_key": "k" * 15 + "!"}):
        with pytest.raises(PeerError):
            vas.watch(replace(asked, query=wrong))


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_of_a_viewer_has_an_answer(code: FaultCode) -> None:
    answer = Vas().refuse_viewer(error_for(code, retry_after_ms=2000), None)
    assert 400 <= answer.status < 600 and isinstance(answer.body, dict) and answer.body["error_code"]


def test_a_viewer_is_told_of_a_broadcast_before_it_watches() -> None:
    private = replace(MADE, has_password=True, standby_message="Soon")
    questions, answer = exchanged(route("GET", "/viewer/broadcasts/{token}"), request(token="a3f9"), private)
    assert questions == [FindBroadcast("a3f9", source="::1")]
    body: Any = answer.body
    assert body["data"]["requires_password"] and body["data"]["standby_message"] == "Soon"
    assert body["data"]["tts_languages"] == ["es-ES"] and "session_id" not in body["data"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    _, answer = exchanged(route("GET", "/viewer/broadcasts/{token}"), request(token="zzzz"), None)
    assert answer.status == 404


def test_a_browser_may_ask_from_any_page() -> None:
    _, answer = exchanged(route("OPTIONS", "/verify"), request(token="a3f9"))
    assert answer.headers == {
        "Access-Control-Allow-Headers": "content-type",
        "Access-Control-Allow-Origin": "*",
    }


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("unknown_session", 404, "broadcast_not_found"),
        ("session_ended", 410, "broadcast_ended"),
        ("missing_credential", 401, "viewer_access_token_required"),
        ("invalid_credential", 401, "viewer_access_token_invalid"),
        ("unavailable", 503, "service_unavailable"),
        ("busy", 503, "service_busy"),
    ],
)
def test_a_viewer_is_refused_in_the_envelope(fault: str, status: int, code: str) -> None:
    answer = Vas().refuse_viewer(error_for(fault, "why", retry_after_ms=1000), request(token="a3f9"))
    body: Any = answer.body
    assert (answer.status, body["error_code"]) == (status, code)
    assert body["data"]["request_id"] == "req_n"
