"""Terms are found in all their forms, names as they are spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.events import Term
from dragoman_translation.glossary import MOST_INFLECTED, Glossary, names_in

DICTIONARY = (Term(source="referral", target="référence"), Term(source="referral form", target="formulaire"))


def found(text: str, *pairs: tuple[str, str], language: str = "en", names: tuple[str, ...] = ()) -> list[str]:
    made = Glossary([Term(source=s, target=t) for s, t in pairs], names, language)
    return [f"{text[kept.start : kept.end]}={kept.out}" for kept in made.find(text)]


@pytest.mark.parametrize(
    ("language", "term", "text", "expected"),
    [
        ("en", "figure", "Figures and a figure, FIGURE", "Figures|figure|FIGURE"),
        ("en", "figure", "figurative configure", ""),
        ("en", "organ", "organs organize organic organization", "organs"),
        ("en", "universe", "the university of the universes", "universes"),
        ("en", "party", "two parties partied", "parties|partied"),
        ("en", "copay", "copays, copaying and Copay's", "copays|copaying|Copay"),
        ("en", "referral form", "Referral forms, referral  form", "Referral forms|referral  form"),
        ("en", "US", "us US", "US"),
        ("en", "API", "apis APIs API", "APIs|API"),
        ("en", "TERMS OF SERVICE", "the terms of service", "terms of service"),
        ("en", "mail", "e-mail mail mail-order", "mail"),
        ("es-ES", "casa", "casas casado casa", "casas|casa"),
        ("es", "hablar", "hablamos y habla", "hablamos|habla"),
        ("fr-FR", "cheval", "chevaux et cheval", "chevaux|cheval"),
        ("de", "Haus", "Häuser im Haus", "Haus"),
        ("it", "libro", "libri libreria", "libri"),
        ("zh-CN", "北京", "我在北京大学", "北京"),
        ("ja", "東京", "東京タワー", "東京"),
        ("th", "กรุงเทพ", "ฉันรักกรุงเทพมาก", "กรุงเทพ"),
        ("sw", "nyumba", "nyumba manyumba", "nyumba"),
        ("en", "c++", "C++ and c", "C++"),
        ("en", ".", "a . b.", ""),
        ("en", "...", "so ...", ""),
        ("en", "€", "5 €", "€"),
    ],
)
def test_a_term_is_found_in_its_forms_and_in_no_other_word(
    language: str, term: str, text: str, expected: str
) -> None:
    said = [
        item.removesuffix("=x").removesuffix("=X") for item in found(text, (term, "x"), language=language)
    ]
    assert said == [word for word in expected.split("|") if word]


def test_the_longer_term_wins_and_case_does_not_matter() -> None:
    kept = Glossary(DICTIONARY, (), "en").find("Referral form and a Referral")
    assert [item.out for item in kept] == ["formulaire", "référence"]


def test_a_term_in_capitals_comes_out_in_capitals() -> None:
    assert found("READ THE FIGURES", ("figure", "cifra")) == ["FIGURES=CIFRA"]
    assert found("the API", ("API", "interfaz")) == ["API=interfaz"]


@pytest.mark.parametrize("term", ["a+b", "(x)", "c++", "x.*", "\\d", "[a-z]", "a|b", "^a$"])
def test_a_term_is_text_and_no_pattern(term: str) -> None:
    assert found(f"say {term} now", (term, "T")) == [f"{term}=T"]
    assert not found("say nothing now", (term, "T"))


def test_of_a_dictionary_without_measure_the_rest_is_found_as_it_is_spelled() -> None:
    terms = [(f"term{'x' * n}", "T") for n in range(MOST_INFLECTED)] + [("figure", "cifra")]
    assert found("figure figures", *terms) == ["figure=cifra"]


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=8)), max_size=5),
)
def test_what_is_found_stands_in_order_and_never_overlaps(text: str, terms: list[tuple[str, str]]) -> None:
    glossary = Glossary([Term(source=s, target=t) for s, t in terms], (), "en")
    places = [place for kept in glossary.find(text) for place in (kept.start, kept.end)]
    assert places == sorted(places)
    assert glossary.found_in(text) == bool(places)


def test_names_of_a_description_are_found() -> None:
    context = "Acme Corp Q3 all-hands. CEO Priya Ramanathan, CFO Marco Bianchi. Topics: ARR, iPhone. Die Zeit"
    assert names_in(context) == [
        "Acme Corp", "Q3", "CEO", "Priya Ramanathan", "CFO", "Marco Bianchi", "ARR", "iPhone", "Die Zeit",
    ]  # fmt: skip


def test_names_come_out_only_as_they_are_spelled() -> None:
    text = "Frank White tells us that the US likes White wine"
    assert found(text, names=("US", "Frank White")) == ["Frank White=Frank White", "US=US"]


def test_a_term_of_the_user_goes_before_a_name() -> None:
    assert found("The ARR grows", ("arr", "ingreso"), names=("ARR",))[0].lower() == "arr=ingreso"
