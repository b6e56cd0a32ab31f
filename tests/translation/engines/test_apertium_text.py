"""Texts in Apertium's stream format and back: cut into sentences, nothing lost, no mark shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_translation.engines.apertium_text import LONGEST, escape, mended, pieces, unescape

ALPHABET = "ab .?!\n^$[]{}/\\@<>#*~+é"


@given(st.text(ALPHABET, max_size=300))
def test_joined_the_pieces_are_the_text_and_none_is_too_long(text: str) -> None:
    cut = list(pieces(text, "en"))
    assert "".join(piece.text for piece in cut) == text
    assert all(len(piece.text) <= LONGEST for piece in cut)
    assert all(any(map(str.isalnum, piece.text)) for piece in cut if piece.speech)


def test_sentences_are_translated_and_what_stands_between_is_not() -> None:
    cut = list(pieces("One two.  Three?\n— …\nfour", "en"))
    assert [piece.text for piece in cut if piece.speech] == ["One two.", "Three?", "four"]
    assert "".join(piece.text for piece in cut) == "One two.  Three?\n— …\nfour"


def test_a_long_sentence_is_cut_at_a_space_and_control_characters_are_spaces() -> None:
    cut = [piece.text for piece in pieces("word " * 200, "en") if piece.speech]
    assert len(cut) > 1 and {word for part in cut for word in part.split()} == {"word"}
    assert "".join(piece.text for piece in pieces("a\0b\x1b", "en")) == "a b "


@given(st.text(ALPHABET.replace("\n", ""), min_size=1, max_size=60))
def test_signs_of_the_format_come_through_as_they_were(text: str) -> None:
    said = escape(text)
    assert not set("^${}/\\@<>#*~+") & set(said) and said.endswith("[]")
    assert unescape(said, text).split() == text.split()


@pytest.mark.parametrize(
    ("answer", "sentence", "said"),
    [
        ("*word casa[].[]", "word house", "word casa"),
        ("La casa[].[]", "The house.", "La casa."),
        ("a\\/b", "a/b", "a/b"),
    ],
)
def test_marks_of_unknown_words_and_an_added_stop_are_taken_away(
    answer: str, sentence: str, said: str
) -> None:
    assert unescape(answer, sentence) == said


@pytest.mark.parametrize(
    ("text", "sentence", "target", "said"),
    [
        ("la casa .", "The house.", "es", "La casa."),
        ("El Perro Y el gato", "the dog and the cat", "es", "el perro y el gato"),
        ("¿ Cómo ?", "How?", "es", "¿Cómo?"),
        ("La Casa", "The House", "es", "La Casa"),
        ("Hello", "hola", "en", "hello"),
        ("I'm here", "estoy aquí", "en", "I'm here"),
        ("...", "...", "es", "..."),
    ],
)
def test_capitals_and_spaces_are_as_they_were(text: str, sentence: str, target: str, said: str) -> None:
    assert mended(text, sentence, target) == said
