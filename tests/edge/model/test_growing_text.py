"""What is final of a segment stays, whatever is heard later."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_edge.model.growing_text import (
    GrowingText,
    agreed,
    common,
    extended,
    first_sentence,
    first_words,
    up_to_word,
    whole_clauses,
    without_first,
    without_last,
)

LONG = "Donaudampfschifffahrtsgesellschaft"  # one word
WORDS = st.lists(st.sampled_from(["the", "The", "cat", "hat,", "sat.", "on", "今日は", "天気"]), max_size=8)


@pytest.mark.parametrize(
    ("known", "text", "shown"),
    [
        ("Hello how are you", "Hello, how are you? Fine.", "Hello how are you? Fine."),
        ("the cat sat", "The hat sat on the mat.", "the cat sat on the mat."),
        ("the cat sat", "the", "the cat sat"),
        ("the cat sat", "", "the cat sat"),
        ("one two three", "two three four", "one two three four"),
        ("今日わ", "今日はいい天気ですね", "今日わいい天気ですね"),
    ],
)
def test_what_is_new_is_added(known: str, text: str, shown: str) -> None:
    assert extended(known, text) == shown


@given(st.lists(st.tuples(WORDS, st.integers(0, 60)), min_size=1, max_size=6))
def test_each_final_begins_with_the_one_before(hypotheses: list[tuple[list[str], int]]) -> None:
    segment, finals = GrowingText(), [""]
    for words, length in hypotheses:
        text = " ".join(words)
        if segment.grow(text, min(length, len(text))):
            finals.append(segment.text)
        assert segment.shown(text).startswith(segment.text)
    finals.append(segment.shown(" ".join(hypotheses[-1][0])))
    for earlier, later in itertools.pairwise(finals):
        assert later.startswith(earlier)


def test_what_is_stable_grows_at_once() -> None:
    segment = GrowingText()
    assert not segment.grow("the cat", 0)
    assert segment.grow("the cat sat", 7) and segment.text == "the cat"
    assert not segment.grow("the cat", 7)
    assert segment.grow("a cat sat on", 9) and segment.text == "the cat sat"


UNSPACED = "今日はとてもいい天気ですねえ"


@pytest.mark.parametrize(
    ("before", "now", "length"),
    [
        ("", "one two", 0),
        ("one two", "one two", 3),
        ("one two", "one two three", 3),
        ("one two three", "one two three four", 7),
        ("one two three", "one deux three four", 3),
        ("uno dos", "one two", 0),
        (UNSPACED[:10], UNSPACED, 8),
        ("今日はとてもよい天気で", UNSPACED, 4),
        ("あ", UNSPACED, 0),
    ],
)
def test_two_texts_agree_up_to_a_word_that_is_followed_by_another(before: str, now: str, length: int) -> None:
    assert agreed(before, now) == length


@pytest.mark.parametrize(
    ("text", "length", "end"),
    [
        ("one two three", 5, 3),
        ("one two three", 7, 7),
        ("one two", 99, 7),
        ("one two", 2, 0),
        (UNSPACED, 4, 4),
    ],
)
def test_a_length_ends_behind_a_word(text: str, length: int, end: int) -> None:
    assert up_to_word(text, length) == end


@pytest.mark.parametrize(
    ("text", "words", "rest"),
    [
        ("one two three", 1, "one two"),
        ("one two three", 0, "one two three"),
        ("one", 2, ""),
        (UNSPACED, 2, UNSPACED[:10]),
        (UNSPACED, 9, ""),
    ],
)
def test_the_last_words_are_left_out(text: str, words: int, rest: str) -> None:
    assert without_last(text, words) == rest


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ('"One!" Two', '"One!"'),
        ("3.14 is pi. Yes", "3.14 is pi."),
        ("今日は。明日は", "今日は。"),
        ("no end", "no end"),
    ],
)
def test_the_first_sentence_ends_with_its_punctuation(text: str, sentence: str) -> None:
    assert text[: first_sentence(text)] == sentence


def test_the_first_words_of_a_text() -> None:
    assert first_words("uno dos tres", 2) == "uno dos" and first_words("uno", 2) == "uno"
    assert first_words("今日はいい天気ですねとても", 2) == "今日はい"


def test_what_is_common() -> None:
    assert [common(a, b) for a, b in (("abc", "abd"), ("ab", "abc"), ("", "a"))] == [2, 2, 0]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [("a, b c, d", "a, b c,"), ("a b", "a b"), ("1,5 m", "1,5 m"), ("今日、明日", "今日、")],
)
def test_whole_clauses(text: str, clauses: str) -> None:
    assert text[: whole_clauses(text)] == clauses


@pytest.mark.parametrize(
    ("beginning", "text", "rest"),
    [
        ("y los", "Y los, archivos", "archivos"),
        ("y los", "y las casas", "y las casas"),
        ("y", "y", ""),
        ("天気", "天気はいい", "はいい"),
        ("", "uno dos", "uno dos"),
    ],
)
def test_a_beginning_is_left_out_where_it_is_the_same(beginning: str, text: str, rest: str) -> None:
    assert without_first(beginning, text) == rest


def test_a_long_word_is_not_cut() -> None:
    assert first_words(LONG, 2) == first_words(f"{LONG} fährt", 1) == LONG
    assert without_last(LONG, 1) == "" and up_to_word(LONG, 20) == 0
    assert agreed(LONG, f"{LONG} fährt") == 0 and without_first("Donau", LONG) == LONG
    assert first_words("今日はいい天気ですね、本当に", 2) == "今日はい"
