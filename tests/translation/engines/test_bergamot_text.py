"""Texts are cut and put together again without losing a character that matters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_translation.engines.bergamot_text import LONGEST, pieces, prepare, split

KNOWN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'\"-()$áéí▁")
CONTROLS = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - set("\n\r\t\v\f\x85")


def cut(text: str, language: str = "en") -> list[str]:
    return [piece for piece, words in pieces(text, language) if words]


@given(st.text(max_size=400), st.sampled_from(["en", "ja", "hi", "pt", "xx"]))
def test_the_pieces_are_the_text(text: str, language: str) -> None:
    bare = "".join(" " if character in CONTROLS else character for character in text)
    assert "".join(piece for piece, _ in pieces(text, language)) == bare


def test_sentences_are_apart_and_abbreviations_are_not() -> None:
    assert cut("Dr. Smith left in Jan. 2020. He is well!\n\n- one\n- two") == [
        "Dr. Smith left in Jan. 2020.", "He is well!", "- one", "- two",
    ]  # fmt: skip
    assert cut("今日は。元気ですか？", "ja") == ["今日は。", "元気ですか？"]


@pytest.mark.parametrize("text", ["", "  ", "\n\n", "?!…", "😀", "$1,234.56", "\0\x01\x1b"])
def test_without_letters_nothing_is_translated(text: str) -> None:
    assert cut(text) == []


@pytest.mark.parametrize(
    "text", ["word " * 5000, "a" * 20_000, "one, two " * 3000, "。" * 9000, "a\n" * 9000]
)
def test_no_piece_is_longer_than_a_model_takes(text: str) -> None:
    assert all(len(piece) <= LONGEST for piece in cut(text))
    assert "".join(piece for piece, _ in pieces(text, "en")) == text


def test_a_long_sentence_is_cut_behind_a_comma_if_it_has_one() -> None:
    text = "word " * 45 + "end, " + "word " * 45
    assert cut(text)[0].endswith("end,")


def test_a_megabyte_is_cut_piece_by_piece() -> None:
    text = "This is a sentence of Mr. Brown. " * 32_000
    first = next(piece for piece, words in pieces(text, "en") if words)
    assert first == "This is a sentence of Mr. Brown."
    assert sum(words for _, words in pieces(text, "en")) == 32_000


@pytest.mark.parametrize(
    ("text", "model_sees"),
    [
        ("He said “yes” — don’t", 'He said "yes" - don\'t'),
        ("Dvořák in Łódź", "Dvorák in Lódz"),
        ("Great! 👍", "Great!"),
        ("👍 Great", "Great"),
        ("日本語", ""),
        ("Привет, мир!", ""),
    ],
)
def test_the_model_sees_only_what_it_knows(text: str, model_sees: str) -> None:
    known = KNOWN | set("óá")
    prepared = prepare(text, known)
    assert prepared.text == model_sees
    assert set(prepared.text) - {" "} <= known


def test_a_word_that_the_model_does_not_know_comes_back() -> None:
    prepared = prepare("He said «Привет», for €50.", KNOWN)
    assert prepared.text == 'He said "Xqbba", for Xqdba.'
    assert prepared.restore('Ele disse "Xqbba", por Xqdba.') == 'Ele disse "Привет", por €50.'
    assert prepared.restore("Ele disse por Xqdba.") is None
    assert split("He said Привет to me", KNOWN) == [
        ("He said ", True), ("Привет ", False), ("to me", True),
    ]  # fmt: skip


def test_a_name_has_its_marks_again_and_a_translated_word_has_not() -> None:
    prepared = prepare("The naïve Dvořák", KNOWN)
    assert prepared.restore("O ingénuo Dvorák") == "O ingénuo Dvořák"


def test_a_name_whose_letters_are_another_word_too_does_not_take_its_place() -> None:
    for text in ("s ß", "A rod of Ród", "Řad Ŕad"):
        prepared = prepare(text, KNOWN)
        assert not prepared.text or prepared.restore(prepared.text) == text


@given(st.text(max_size=80))
def test_what_the_model_leaves_as_it_is_comes_out_with_every_letter(text: str) -> None:
    prepared = prepare(text, KNOWN)
    restored = prepared.restore(prepared.text) if prepared.text else prepared.before
    runs = split(text, KNOWN)
    assert "".join(run for run, _ in runs) == text
    if restored is not None:
        letters = [c for c in text if c.isalnum() and c.isascii()]
        assert [c for c in restored if c.isalnum() and c.isascii()] == letters
