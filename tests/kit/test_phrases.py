"""Phrases are found as whole words, the longest first, in time that grows with the text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_kit import phrases
from dragoman_kit.phrases import Phrases, replaced, tokens


def found(text: str, *entries: str) -> list[str]:
    return [text[f.start : f.end] for f in Phrases((entry, entry) for entry in entries).find(text)]


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        ("platform formal form", ["form"], ["form"]),
        ("New York City and new york", ["New York", "New York City", "City"], ["New York City", "new york"]),
        ("Anna's book, ANNA!", ["Anna"], ["Anna", "ANNA"]),
        ("an e-mail or mail", ["mail"], ["mail"]),
        ("check-in and check in", ["check in"], ["check-in", "check in"]),
        ("well-known — known", ["known"], ["known"]),
        ("C++ and c", ["c++"], ["C++"]),
        ("say a+b now", ["a+b"], ["a+b"]),
        ("我们在北京大学", ["北京", "北京大学"], ["北京大学"]),
        ("東京タワーへ", ["タワー"], ["タワー"]),
        ("ฉันรักกรุงเทพมาก", ["กรุงเทพ"], ["กรุงเทพ"]),
        ("मैं हिन्दी बोलता", ["हिन्दी"], ["हिन्दी"]),
        ("हिन्दीवाला", ["हिन्दी"], []),
        ("a b c d", ["a b", "b c d"], ["a b"]),
        ("a b x", ["a b c", "b"], ["b"]),
        ("", ["a"], []),
        ("a", [], []),
    ],
)
def test_whole_words_the_longest_first(text: str, entries: list[str], expected: list[str]) -> None:
    assert found(text, *entries) == expected


@given(st.text(max_size=60), st.lists(st.text(max_size=6), max_size=6))
def test_what_is_found_stands_in_order_and_never_overlaps(text: str, entries: list[str]) -> None:
    items = list(Phrases((entry, "") for entry in entries).find(text))
    places = [place for item in items for place in (item.start, item.end)]
    assert places == sorted(places)
    assert len(replaced(text, items)) == len(text) - sum(item.end - item.start for item in items)


@given(st.text(max_size=60))
def test_tokens_are_pieces_of_the_text_in_order(text: str) -> None:
    for token in tokens(text):
        assert text[token.start : token.end] == token.text


def test_the_number_of_phrases_does_not_count_and_each_word_is_looked_at_a_bounded_number_of_times() -> None:
    looked = 0

    def key(word: str) -> str:
        nonlocal looked
        looked += 1
        return word

    hostile = [" ".join(["a"] * length) for length in range(2, 200)] + [f"a{n}" for n in range(1000)]
    made = Phrases(((entry, "") for entry in hostile), key)
    looked = 0
    found = list(made.find("a " * 5000))
    assert looked == 5000
    assert len(found) == -(-5000 // phrases.MOST_TOKENS)
