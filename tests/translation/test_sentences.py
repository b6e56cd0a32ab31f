"""A text is cut where its sentences end, and put together again without a loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_translation.sentences import Sentence, halves, joined, says_something, sentences

WRITTEN = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff")


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en", "Dr. Fox paid $3.50. He left. Why?! …", ["Dr. Fox paid $3.50.", "He left.", "Why?! …"]),
        ("de", "Am 3. Mai kam Dr. Weiß z. B. Er schlief.", ["Am 3. Mai kam Dr. Weiß z. B. Er schlief."]),
        ("pt", "Chega às 5 p.m. hoje. Depois sai.", ["Chega às 5 p.m. hoje.", "Depois sai."]),
        ("zh", "你好。今天很好！你呢？", ["你好。", "今天很好！", "你呢？"]),
        ("ja-JP", "はい。そうです。", ["はい。", "そうです。"]),
        ("hi", "यह घर है। वह जाता है।", ["यह घर है।", "वह जाता है।"]),
        ("ar", "كيف حالك؟ أنا بخير.", ["كيف حالك؟", "أنا بخير."]),
        ("es-MX", "El Sr. López vino. ¿Y tú?", ["El Sr. López vino.", "¿Y tú?"]),
        ("tlh", "One. Two.", ["One.", "Two."]),
    ],
)  # fmt: skip
def test_sentences_end_where_their_language_ends_them(language: str, text: str, parts: list[str]) -> None:
    assert [part.text for part in sentences(text, language)] == parts


def test_paragraphs_are_kept_and_spaces_are_single() -> None:
    text = "  One.   Two.\n\n\tThree\x00\x1b four.\r\nFive "
    parts = sentences(text, "en")
    assert parts == [
        Sentence("One."),
        Sentence("Two.", "\n\n"),
        Sentence("Three four.", "\n"),
        Sentence("Five"),
    ]
    assert joined(parts, "es") == "One. Two.\n\nThree four.\nFive"
    assert joined(parts, "zh-Hans") == "One.Two.\n\nThree four.\nFive"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "\u2028"])
def test_nothing_is_no_sentence(text: str) -> None:
    assert sentences(text, "en") == []


@given(st.text(WRITTEN, max_size=400))
def test_no_word_is_lost(text: str) -> None:
    kept = "".join(part.text for part in sentences(text, "en"))
    assert "".join(kept.split()) == "".join(text.split())


@given(st.text(min_size=2, max_size=200).filter(str.strip))
def test_halves_are_shorter_and_lose_nothing(text: str) -> None:
    cut = halves(text)
    assert cut is not None and all(len(part) < len(text) for part in cut)
    assert "".join(cut).replace(" ", "") == "".join(part.strip() for part in cut).replace(" ", "")


def test_a_text_is_cut_at_a_clause_or_else_at_a_space() -> None:
    assert halves("when it rains, we stay at home") == ("when it rains,", "we stay at home")
    assert halves("one two three four") == ("one two", "three four")
    assert halves("aaaa") == ("aa", "aa")
    assert halves("a") is None


def test_figures_and_signs_alone_say_nothing() -> None:
    assert [says_something(text) for text in ("12.5 %", "…", "a", "好", "")] == [
        False,
        False,
        True,
        True,
        False,
    ]
