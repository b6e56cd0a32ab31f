"""Whisper's codes of languages."""

import pytest

from dragoman_stt.engines.whisper.languages import code_of, tag


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("cmn", "zh"), ("zh-Hant-TW", "zh"), ("nb", "no"), ("nb-NO", "no"), ("nn", "nn"), ("iw", "he"),
        ("in", "id"), ("jv", "jw"), ("fil", "tl"), ("mo", "ro"), ("en-US", "en"), ("prs", "fa"),
    ],
)  # fmt: skip
def test_every_name_of_a_language_finds_whispers_own_code(asked: str, code: str) -> None:
    assert code_of(asked) == code


def test_a_code_of_whispers_own_has_its_bcp_47_tag() -> None:
    assert (tag("jw"), tag("en")) == ("jv", "en")
