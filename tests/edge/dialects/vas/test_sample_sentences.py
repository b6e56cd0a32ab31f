"""The sentence of each language, in its script."""

import pytest

from dragoman_contract.languages import variety
from dragoman_edge.dialects.vas.sample_sentences import _SENTENCES, NUMBERS, sample_sentence


@pytest.mark.parametrize(
    ("tag", "part"),
    [
        ("en-GB", "Hello"),
        ("es-MX", "Hola"),
        ("zh-TW", "這就"),
        ("cmn", "这就"),
        ("iw", "שלום"),
        ("nb", "Hei"),
    ],
)
def test_a_language_has_its_sentence_by_any_of_its_names(tag: str, part: str) -> None:
    assert part in sample_sentence(tag)


@pytest.mark.parametrize("tag", ["eo", "hi-Latn", "cmn-latn-pinyin", "no tag"])
def test_numbers_are_said_in_a_language_or_script_without_one(tag: str) -> None:
    assert sample_sentence(tag) == NUMBERS


def test_every_sentence_is_found_by_its_name() -> None:
    assert [tag for tag in _SENTENCES if variety(tag) != tag] == []
