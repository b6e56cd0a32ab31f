"""The requests of viewers."""

from dataclasses import replace

import pytest

from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
)
from tests.support.vas_broadcasts import exchanged, request, route
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
    _, answer = exchanged(route("POST", "/verify"), request({"password": "x"}, token="a3f9"), given)
    assert isinstance(answer.body, dict) and answer.body["data"]["expires_in"] == 3600


def test_what_a_viewer_wants() -> None:
    vas = Vas()
    asked = request(query={"lang": "es_es", "tts": "true", "viewer_access_token": "vat_x"}, token="a3f9")
    watch = vas.watch(asked)
    assert (watch.token, watch.language, watch.speech, watch.access) == ("a3f9", "es-ES", True, "vat_x")
    assert vas.watch(replace(asked, query={}, headers={"authorization": "Bearer y"})).access == "y"
    for wrong in ({"tts": "perhaps"}, {"lang": "!"}):
        with pytest.raises(PeerError):
            vas.watch(replace(asked, query=wrong))


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_of_a_viewer_has_an_answer(code: FaultCode) -> None:
    answer = Vas().refuse_viewer(error_for(code, retry_after_ms=2000), None)
    assert 400 <= answer.status < 600 and isinstance(answer.body, dict) and answer.body["error_code"]
