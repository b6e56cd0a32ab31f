"""Language tags as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import canonical


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("en", "en"),
        ("EN_us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("PT-br", "pt-BR"),
    ],
)
def test_language_tags_are_read_as_people_write_them(written: str, meant: str) -> None:
    assert canonical(written) == meant


@given(st.text(max_size=30))
def test_what_is_no_language_tag_is_refused_and_what_is_one_stays_itself(text: str) -> None:
    try:
        tag = canonical(text)
    except PeerError as exc:
        assert exc.code is FaultCode.UNSUPPORTED_LANGUAGE
    else:
        assert canonical(tag) == tag
