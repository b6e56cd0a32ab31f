"""Which script a tag asks for, and of which script letters are."""

import pytest

from dragoman_stt.scripts import SCRIPTS, Writing, in_scripts, letters_between, letters_of, writing


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("zh-CN", Writing("zh", "Hans", "CN")), ("zh", Writing("zh", "Hans")),
        ("zh-TW", Writing("zh", "Hant", "TW")), ("zh-Hant-HK", Writing("zh", "Hant", "HK")),
        ("sr", Writing("sr", "Cyrl")), ("sr-Latn-RS", Writing("sr", "Latn", "RS")),
        ("pa-PK", Writing("pa", "Arab", "PK")), ("kn-IN", Writing("kn", "Knda", "IN")),
    ],
)  # fmt: skip
def test_a_tag_tells_the_script(tag: str, meant: Writing) -> None:
    assert writing(tag) == meant


@pytest.mark.parametrize(
    ("tag", "letters"),
    [
        ("hi", {"Deva"}), ("ja", {"Hani", "Hira", "Kana", "Latn"}), ("ru", {"Cyrl", "Latn"}),
        ("uz-Cyrl", {"Cyrl"}), ("az", {"Latn"}), ("nqo", set()),
    ],
)  # fmt: skip
def test_foreign_names_are_latin_only_where_the_rest_stays_in_its_script(tag: str, letters: set[str]) -> None:
    assert writing(tag).letters == letters


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("", set()),
        ("12 — ।\u200d", set()),
        ("नमस्ते ok", {"Deva", "Latn"}),
        ("ಕಿ", {"Knda"}),
        ("漢か", {"Hani", "Hira"}),
    ],
)
def test_letters_tell_their_scripts(text: str, scripts: set[str]) -> None:
    assert letters_of(text) == scripts


def test_a_range_of_letters_may_hold_several_scripts() -> None:
    assert letters_between(0x500, 0x53F) == {"Cyrl", "Armn"}
    assert letters_between(0x2000, 0x2FFF) == set()


def test_other_scripts_are_listed_for_the_languages_that_are_asked_for() -> None:
    assert in_scripts(["zh", "sr", "en"], ("zh",)) == ["zh", "sr", "en", "zh-Hant"]
    assert in_scripts(["pa", "pa-Arab"], SCRIPTS) == ["pa", "pa-Arab"]
