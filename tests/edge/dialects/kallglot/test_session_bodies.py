"""The bodies of requests."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.kallglot import Kallglot, sessions
from tests.support.kallglot_codec import JSON, MESSAGES, Mesh, request

BODIES = (JSON.map(json.dumps) | MESSAGES).map(str.encode) | st.binary(max_size=100)


@given(BODIES)
def test_whatever_body_comes_is_refused_or_made_in_the_documented_form(body: bytes) -> None:
    for handler in (sessions.create, sessions.end):
        try:
            answer = Mesh().run(handler(request(body, "sess_1")))
        except PeerError as exc:
            answer = Kallglot().routes[0].refuse(exc)
        assert answer.status in (200, 201, 400, 404, 413)
        json.dumps(answer.body, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("source", "target", "spoken", "wanted", "two_way"),
    [
        ("", "", (), ("en",), True),
        ("de", "", ("de", "en"), ("de", "en"), True),
        ("en-US", "", (), ("en-US",), True),
        ("", "es", (), ("es",), True),
        ("de", "en", ("de", "en"), ("de", "en"), True),
    ],
)
def test_languages_are_optional_and_detected(
    source: str, target: str, spoken: tuple[str, ...], wanted: tuple[str, ...], two_way: bool
) -> None:
    mesh = Mesh()
    body = {"mode": "bidirectional_translation", "source_language": source, "target_language": target}
    assert mesh.run(sessions.create(request({k: v for k, v in body.items() if v}))).status == 201
    (track,) = mesh.checked[0].tracks
    assert (track.source_languages, track.target_languages, track.two_way) == (spoken, wanted, two_way)


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "bidirectional_translation", "source_language": "en-US", "target_language": "en-GB"},
        {"mode": "translation", "source_language": "en"},
        {"mode": "translation", "target_language": "no tag at all"},
    ],
)
def test_what_makes_no_pair_is_refused_and_the_field_is_told(body: dict[str, str]) -> None:
    answer: Any = Mesh().run(sessions.create(request(body)))
    assert (answer.status, answer.body["error"]["param"]) == (400, "target_language")
