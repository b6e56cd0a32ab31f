"""Terms come out as given, whatever the translator does to the text around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.events import Term
from dragoman_translation.glossary import Glossary, names_in

DICTIONARY = (Term(source="referral", target="référence"), Term(source="referral form", target="formulaire"))


def test_a_term_is_hidden_and_comes_back_as_its_target() -> None:
    protected = Glossary(DICTIONARY, ()).protect("The referral is here.")
    assert "referral" not in protected.text
    assert protected.restore(protected.text) == "The référence is here."


def test_the_longer_term_wins_and_case_does_not_matter() -> None:
    protected = Glossary(DICTIONARY, ()).protect("Referral form and REFERRAL")
    assert protected.restore(protected.text) == "formulaire and référence"


def test_a_term_inside_a_word_is_no_term() -> None:
    glossary = Glossary((Term(source="form", target="X"),), ())
    assert glossary.protect("platform formal form").restore("platform formal Zqba") == "platform formal X"
    assert not glossary.found_in("platform formal")


def test_vocabulary_comes_out_as_it_was_spoken() -> None:
    protected = Glossary((), ("acme",)).protect("Ask Acme today")
    assert protected.restore(protected.text) == "Ask Acme today"


def test_a_lost_or_doubled_placeholder_is_noticed() -> None:
    protected = Glossary(DICTIONARY, ()).protect("a referral")
    assert protected.restore("un") is None
    assert protected.restore(f"{protected.text} {protected.text}") is None


def test_the_text_can_be_cut_at_its_terms() -> None:
    pieces = Glossary(DICTIONARY, ()).pieces("My referral, please")
    assert pieces == [("My ", False), ("référence", True), (", please", False)]


@pytest.mark.parametrize("term", ["a+b", "(x)", "c++", ".*", "\\"])
def test_a_term_is_text_and_no_pattern(term: str) -> None:
    glossary = Glossary((Term(source=term, target="T"),), ())
    assert glossary.found_in(f"say {term} now")
    assert not glossary.found_in("say nothing now")


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=8)), max_size=5),
)
def test_whatever_the_text_and_the_terms_both_ways_agree(text: str, terms: list[tuple[str, str]]) -> None:
    glossary = Glossary([Term(source=s, target=t) for s, t in terms], ())
    protected = glossary.protect(text)
    restored = protected.restore(protected.text)
    assert restored is None or restored == "".join(piece for piece, _ in glossary.pieces(text))
    assert glossary.found_in(text) == bool(protected.terms)


def test_names_of_a_description_are_found() -> None:
    context = "Acme Corp Q3 all-hands. CEO Priya Ramanathan, CFO Marco Bianchi. Topics: ARR, iPhone. Die Zeit"
    assert names_in(context) == [
        "Acme Corp", "Q3", "CEO", "Priya Ramanathan", "CFO", "Marco Bianchi", "ARR", "iPhone", "Die Zeit",
    ]  # fmt: skip


def test_names_come_out_only_as_they_are_spelled() -> None:
    glossary = Glossary((), (), ["US", "Frank White"])
    protected = glossary.protect("Frank White tells us that the US likes White wine")
    assert [term for _, term in protected.terms] == ["Frank White", "US"]
    assert "us that" in protected.text and "White wine" in protected.text


def test_a_term_of_the_user_goes_before_a_name() -> None:
    glossary = Glossary((Term(source="arr", target="ingreso"),), (), ["ARR"])
    protected = glossary.protect("The ARR grows")
    assert protected.restore(protected.text) == "The ingreso grows"
