"""In which script Whisper is to write a language."""

import pytest

from dragoman_stt.engines.whisper.spelling import Spelling, spelling

BASE, LARGE = 512, 1280


@pytest.mark.parametrize("tag", ["en", "es-MX", "ja", "ru-RU", "ar"])
def test_what_whisper_writes_well_is_not_bound(tag: str) -> None:
    assert spelling(tag, BASE) == Spelling()


def test_hindi_is_written_in_its_own_letters_only() -> None:
    assert spelling("hi-IN", BASE) == Spelling(frozenset({"Deva"}))


@pytest.mark.parametrize("tag", ["kn-IN", "gu", "te", "bn"])
def test_small_weights_write_latin_letters_where_their_vocabulary_has_only_bytes(tag: str) -> None:
    small = spelling(tag, BASE)
    assert small.letters == {"Latn"}
    assert small.change is not None
    assert small.foreign


def test_large_weights_write_kannada() -> None:
    assert spelling("kn", LARGE) == Spelling(frozenset({"Knda"}))


def test_chinese_is_changed_behind_the_decode() -> None:
    chinese = spelling("zh-TW", BASE)
    assert (chinese.letters, chinese.foreign) == (frozenset(), False)
    assert chinese.change is not None


@pytest.mark.parametrize(
    ("tag", "script"), [("uz", "Latn"), ("uz-Cyrl", "Cyrl"), ("pa-PK", "Arab"), ("az", "Latn")]
)
def test_a_language_of_two_scripts_has_the_one_of_its_tag(tag: str, script: str) -> None:
    assert spelling(tag, LARGE).letters == {script}
