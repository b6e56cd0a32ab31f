"""Clauses: short enough to be spoken soon, and not a character is lost."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman_tts.clauses import MAX_CHARACTERS, MIN_CHARACTERS, split


@given(st.text("ab .,;!。、", max_size=600))
def test_joined_they_are_the_text_and_none_is_too_long(text: str) -> None:
    clauses = split(text)
    assert "".join(clauses) == text
    assert all(0 < len(clause) <= MAX_CHARACTERS for clause in clauses)


def test_a_clause_ends_at_its_mark_once_it_is_long_enough() -> None:
    assert split("No, thank you, I have eaten already. Good night.") == [
        "No, thank you, I have eaten already. ",
        "Good night.",
    ]
    assert len("No, thank you, ") < MIN_CHARACTERS


def test_marks_without_spaces_end_clauses_too() -> None:
    text = "今日は天気がとても良いですから散歩に行きたいと思います。明日は雨が降るでしょう。"
    assert split(text) == [text[: text.index("。") + 1], text[text.index("。") + 1 :]]


def test_a_long_clause_is_cut_between_words_and_a_long_word_inside() -> None:
    words = "word " * 100
    assert all(clause.endswith(" ") for clause in split(words))
    assert [len(clause) for clause in split("x" * 500)] == [240, 240, 20]
    assert split("") == []
