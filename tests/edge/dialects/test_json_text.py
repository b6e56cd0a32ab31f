"""JSON in text messages: read within bounds, written compactly."""

import json

import pytest
from pydantic import BaseModel, Field, ValidationError

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.json_text import dump, explain, parse_object


class Inner(BaseModel):
    count: int = Field(ge=0)


class Outer(BaseModel):
    inner: list[Inner]


def test_an_object_is_read() -> None:
    assert parse_object(' {"a": [1, null]} ') == {"a": [1, None]}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"a"', "7", "[" * 100_000, '{"a": 1} x'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(PeerError) as refused:
        parse_object(text)
    assert refused.value.code is FaultCode.BAD_REQUEST


def test_a_text_has_a_greatest_length_in_characters() -> None:
    text = json.dumps({"a": "é"}, ensure_ascii=False)
    assert parse_object(text, len(text)) == {"a": "é"}
    with pytest.raises(PeerError) as refused:
        parse_object(text, len(text) - 1)
    assert refused.value.code is FaultCode.TOO_LARGE


def test_the_first_error_says_where_it_is_and_not_the_value() -> None:
    with pytest.raises(ValidationError) as wrong:
        Outer.model_validate({"inner": [{"count": 1}, {"count": -7}, {"count": "secret"}]})
    told = explain(wrong.value)
    assert told.startswith("inner.1.count: ") and "-7" not in told and "secret" not in told


def test_json_is_written_without_spaces_and_in_utf_8() -> None:
    assert dump({"a": [1, "日本"], "b": None}) == '{"a":[1,"日本"],"b":null}'


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    assert dump({"a": "x\ud800"}).encode() == b'{"a":"x?"}'
