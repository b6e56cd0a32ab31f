"""What is kept comes out as given, whatever an engine does to the text around it, at the cost of one pass."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Term
from dragoman_translation import protection
from dragoman_translation.glossary import Glossary
from dragoman_translation.protection import ALLOWANCE, FORMS, GROWTH, MOST, Kept, merged, pieces, protect


def hidden(text: str, *words: str, form: int = 0) -> protection.Protected:
    kept = [
        Kept(found.start(), found.end(), out.strip(), adapts=True)
        for word, _, out in (word.partition("=") for word in words)
        for found in re.finditer(re.escape(word), text)
    ]
    made = protect(text, merged(kept), form)
    assert made is not None
    return made


@pytest.mark.parametrize("form", range(FORMS))
def test_what_is_hidden_comes_back(form: int) -> None:
    made = hidden("The referral is here.", "referral=référence", form=form)
    assert "referral" not in made.text
    assert made.restore(made.text) == "The référence is here."
    assert made.restore(made.text.upper()) == "THE référence IS HERE."


def test_it_may_move_and_begins_a_sentence_with_a_capital() -> None:
    made = hidden("The cost and iron.", "cost=precio", "iron=iPhone")
    one, two = (word for word in re.findall(r"Zq\w+", made.text))
    assert made.restore(f"{two} y {one}. {one}, ¿{one}?") is None
    assert made.restore(f"{one} y {two}.") == "Precio y iPhone."
    assert made.restore(f"{two} y el {one}.") == "iPhone y el precio."
    small = hidden("the cost", "cost=precio")
    assert small.restore(one) == "precio"


@pytest.mark.parametrize("form", range(FORMS))
def test_a_lost_a_doubled_and_an_invented_placeholder_are_noticed(form: int) -> None:
    made = hidden("a referral", "referral=x", form=form)
    assert made.restore("un") is None
    assert made.restore(f"{made.text} {made.text}") is None
    other = hidden("a b c d", "b=1", "c=2", "d=3", form=form).text
    assert made.restore(other) is None


@pytest.mark.parametrize("form", range(FORMS))
def test_a_text_may_hold_what_looks_like_a_placeholder(form: int) -> None:
    text = "Zqba XQ-11 zqda xq-12 term"
    made = hidden(text, "term=T", form=form)
    assert made.restore(made.text) == "Zqba XQ-11 zqda xq-12 T"


def test_where_every_form_stands_in_the_text_it_is_not_hidden() -> None:
    text = " ".join(protection._STEMS) + " term"
    assert protect(text, [Kept(len(text) - 4, len(text), "T")]) is None
    assert pieces(text, [Kept(len(text) - 4, len(text), "T")])[-1] == ("T", True)


def test_more_than_one_letter_of_placeholders_are_told_apart() -> None:
    words = [f"w{n:03}" for n in range(MOST)]
    for form in range(FORMS):
        made = hidden(" ".join(words), *(f"{word}={word.upper()}" for word in words), form=form)
        assert made.restore(made.text) == " ".join(words).upper()


def test_too_many_are_refused() -> None:
    kept = [Kept(n, n + 1, "x") for n in range(MOST + 1)]
    for refused in (lambda: protect("a" * 500, kept), lambda: pieces("a" * 500, kept)):
        with pytest.raises(PeerError) as caught:
            refused()
        assert caught.value.code is FaultCode.TOO_LARGE


def test_what_comes_out_is_in_proportion() -> None:
    text = " ".join(["a"] * 100)
    kept = [Kept(2 * n, 2 * n + 1, "X" * 200) for n in range(100)]
    made = protect(text, kept)
    assert made is not None
    assert GROWTH * len(made.text) + ALLOWANCE < 100 * 200
    with pytest.raises(PeerError) as caught:
        made.restore(made.text)
    assert caught.value.code is FaultCode.TOO_LARGE


def test_the_dictionary_that_stopped_the_mesh_finds_nothing() -> None:
    assert Glossary([Term(source=".", target="X" * 200)], (), "en").find("." * 5000) == []


def test_a_large_dictionary_is_looked_up_and_a_text_walked_through_once() -> None:
    terms = [Term(source=f"t{n}" + "(.*)+" * 8, target="X" * 20) for n in range(1000)]
    text = "t1" + "(.*)+" * 8
    assert len(Glossary(terms, (), "en").find((text + " ") * 20)) <= 20
    with pytest.raises(PeerError):
        protect("a " * 5000, Glossary([Term(source="a", target="X" * 200)], (), "en").find("a " * 5000))


def test_the_text_can_be_cut_at_what_is_kept() -> None:
    assert pieces("My referral, please", [Kept(3, 11, "référence")]) == [
        ("My ", False), ("référence", True), (", please", False),
    ]  # fmt: skip


@given(st.text(max_size=60), st.sets(st.integers(0, 59)), st.text(max_size=5), st.integers(0, FORMS - 1))
def test_both_ways_agree(text: str, places: set[int], out: str, form: int) -> None:
    kept = [Kept(place, place + 1, out) for place in sorted(places) if place < len(text)]
    made = protect(text, kept, form)
    if made is None:
        return
    restored = made.restore(made.text)
    assert restored is None or restored == "".join(piece for piece, _ in pieces(text, kept))
