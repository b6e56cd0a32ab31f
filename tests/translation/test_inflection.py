"""Other forms of a dictionary's term are found; other words that look alike are not."""

import pytest

from dragoman_translation.inflection import Inflection, abbreviation


def found(tag: str, term: str, said: str) -> bool:
    forms = Inflection(tag)
    return forms.key(term) == forms.key(said) and forms.same(term, said)


@pytest.mark.parametrize(
    ("tag", "term", "said"),
    [
        ("en", "figure", "Figures"), ("en-GB", "city", "cities"), ("es", "hablar", "hablamos"),
        ("es", "acción", "acciones"), ("de", "Haus", "Hauses"), ("ja", "犬", "犬"), ("en", "US", "US"),
        ("en", "API", "APIs"),
    ],
)  # fmt: skip
def test_a_form_of_a_term_is_one(tag: str, term: str, said: str) -> None:
    assert found(tag, term, said)


@pytest.mark.parametrize(
    ("tag", "term", "said"),
    [
        ("en", "organ", "organize"),
        ("en", "US", "us"),
        ("en", "IT", "it"),
        ("ja", "犬", "猫"),
        ("tlh", "a", "as"),
    ],
)
def test_another_word_is_none(tag: str, term: str, said: str) -> None:
    assert not found(tag, term, said)


def test_long_words_and_words_with_signs_are_not_stemmed() -> None:
    forms = Inflection("en")
    assert forms.key("cats") == "cat" and forms.key("x" * 40 + "s") == "x" * 40 + "s"
    assert forms.key("cat's-eyes") == "cat's-eyes"


def test_an_abbreviation_is_short_and_in_capitals() -> None:
    assert abbreviation("NATO") and not any(map(abbreviation, ("I", "Nato", "ABCDEF", "A1")))
