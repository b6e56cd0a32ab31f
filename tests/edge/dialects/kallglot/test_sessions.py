"""The endpoints of session resources."""

import json
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot import sessions
from dragoman_edge.model.served import UnservedError
from tests.support.kallglot_codec import BOTH, CLAIMS, Mesh, request


def test_the_token_is_bound_to_the_session_and_its_languages() -> None:
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(BOTH))).body
    assert made["stream"]["url"] == f"wss://edge.example/v1/sessions/{made['id']}/connect"
    assert made["created_at"] == "2026-03-26T11:00:00.000Z"
    (issued,) = mesh.issued
    assert json.loads(issued.claims) == CLAIMS | {"session_id": made["id"], "voice": ""}
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
