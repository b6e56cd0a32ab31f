"""The rest of a sentence, cut from the translation of all of it."""

import pytest

from dragoman_translation.continuation import MOST, MOST_BEFORE, begun, rest, together


@pytest.mark.parametrize(
    ("preceding", "beginning"),
    [
        ("", ""),
        ("It rains.", ""),
        ("Does it?", ""),
        ("今天下雨。", ""),
        ("The engineer said that", "The engineer said that"),
        ("It rains. The engineer said that", "The engineer said that"),
        ("It is 3.5 metres, and", "It is 3.5 metres, and"),
        ("下雨。工程师说", "工程师说"),
    ],
)
def test_a_text_goes_on_with_what_has_no_end(preceding: str, beginning: str) -> None:
    language = "zh" if "工" in preceding else "en"
    assert begun(preceding, "it would stand", language) == beginning


def test_no_more_of_a_beginning_than_engines_see_at_once() -> None:
    long = "word " * 80
    assert len(begun(long, "x", "en")) <= MOST_BEFORE
    assert begun(long, "x", "en").startswith("word")
    assert begun(long, "x" * MOST, "en") == ""
    assert len(together(begun(long, "x" * 250, "en"), "x" * 250, "en")) <= MOST


def test_nothing_goes_on_where_nothing_is_said() -> None:
    assert begun("The engineer said that", " ", "en") == ""


def test_the_rest_is_what_follows_the_beginning() -> None:
    whole = "O engenheiro disse que ficaria por 100 anos se a água ficasse abaixo do arco."
    cut = rest("O engenheiro disse que seria de 100 anos se", "a água fica abaixo do arco.", whole, "pt")
    assert cut == "a água ficasse abaixo do arco."


def test_a_beginning_that_came_out_otherwise_is_cut_by_the_rest() -> None:
    before, alone = "É concedida uma autorização, a cargo,", "a qualquer pessoa que tenha uma cópia"
    whole = "A permissão é concedida, gratuitamente, a qualquer pessoa que tenha uma cópia"
    assert rest(before, alone, whole, "pt") == alone


def test_a_rest_that_is_not_like_the_text_is_not_taken() -> None:
    assert rest("uno dos", "tres cuatro cinco", "algo muy distinto de todo", "es") is None
    assert rest("uno dos", "tres", "uno dos", "es") is None


def test_words_that_move_into_the_beginning_are_not_lost() -> None:
    before, alone = "Ich sah", "den Mann, der gestern kam"
    assert rest(before, alone, "Ich sah den Mann, der gestern kam", "de") == alone
    assert rest(before, alone, "Gestern sah ich den kommenden Mann, der kam", "de") is None
    assert rest("uno", "dos tres cuatro cinco seis", "uno dos tres cuatro", "es") is None


def test_languages_without_spaces_are_cut_between_characters() -> None:
    assert rest("工程师说", "它会站一百年", "工程师说它能站一百年", "zh") == "它能站一百年"
