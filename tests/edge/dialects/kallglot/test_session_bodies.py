"""The bodies of requests."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot import Kallglot, sessions
from dragoman_edge.dialects.kallglot.claims import Claims
from dragoman_edge.dialects.kallglot.session_bodies import MAX_BODY, MAX_DEPTH, read_body, wanted
from dragoman_edge.model.http import HttpResponse
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


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_field", "mode"),
        ({"mode": "dance"}, "invalid_mode", "mode"),
        ({"mode": 7}, "invalid_field_value", "mode"),
        ({"mode": "translation", "voice": "x" * 101}, "invalid_field_value", "voice"),
        ({"mode": "translation", "routing": {"to": "x"}}, "feature_not_available", "routing"),
        ({"mode": "translation", "provider": "x"}, "feature_not_available", "provider"),
        ({"mode": "translation", "recording": {"enabled": "yes"}}, "invalid_field_value", "recording"),
        ({"mode": "translation", "recording": "yes"}, "invalid_field_value", "recording"),
        ({"mode": "translation", "source_language": "!!"}, "invalid_language_code", "source_language"),
    ],
)
def test_a_body_that_cannot_be_is_refused_by_its_field(body: dict[str, Any], code: str, param: str) -> None:
    answer = wanted(body)
    assert isinstance(answer, HttpResponse) and answer.status == 400
    error: Any = answer.body
    assert (error["error"]["code"], error["error"]["param"]) == (code, param)


def test_what_is_empty_or_switched_off_is_as_if_not_sent() -> None:
    plain = wanted({"mode": "translation"})
    more = {"routing": None, "provider": "", "recording": {"enabled": False}, "voice": None}
    assert plain == wanted({"mode": "translation"} | more)


@pytest.mark.parametrize(
    ("recording", "wish"),
    [
        ({"enabled": True}, True),
        (True, True),
        ({"enabled": False}, False),
        ({}, False),
        (False, False),
        (None, False),
    ],
    ids=str,
)
def test_only_who_asks_for_a_recording_has_one(recording: object, wish: bool) -> None:
    claims = wanted({"mode": "transcription", "recording": recording})
    assert isinstance(claims, Claims) and claims.recording is wish


def test_a_transcription_needs_no_target() -> None:
    claims = wanted({"mode": "transcription", "source_language": "en"})
    assert isinstance(claims, Claims) and claims.target_language == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"x" * (MAX_BODY + 1), FaultCode.TOO_LARGE),
        (b"\xff", FaultCode.BAD_REQUEST),
        (b"[]", FaultCode.BAD_REQUEST),
        (b'{"a": NaN}', FaultCode.BAD_REQUEST),
        (b'{"a": "\\ud800"}', FaultCode.BAD_REQUEST),
        (b'{"a": ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", FaultCode.BAD_REQUEST),
    ],
)
def test_a_body_that_cannot_be_remembered_is_refused(body: bytes, code: FaultCode) -> None:
    with pytest.raises(PeerError) as refused:
        read_body(request(body))
    assert refused.value.code is code


def test_a_body_is_read_up_to_its_depth() -> None:
    deepest = b'{"a": ' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    assert list(read_body(request(deepest))) == ["a"]
