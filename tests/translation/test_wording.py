"""What stands around a chain of engines, with engines that lose, change and shout."""

from collections.abc import Callable

import pytest

from dragoman_contract.events import Term
from dragoman_translation.glossary import Glossary
from dragoman_translation.wording import Wording

TERMS = (Term(source="figure", target="cifra"), Term(source="Anna", target="Ana"))


async def worded(
    text: str,
    engine: Callable[[str], str],
    source: str = "en-US",
    target: str = "es-ES",
    names: tuple[str, ...] = (),
) -> str:
    async def run(said: str) -> str:
        return engine(said)

    return await Wording(source, target, Glossary(TERMS, names, source)).translate(text, run)


def never(said: str) -> str:
    raise AssertionError(said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The figures of Anna, today.", "The cifra of Ana, today."),
        ("Figures are here, see?", "¿Cifra are here, see?"),
        ("Anna's figure is $1,234.56.", "Ana's cifra is 1.234,56\u00a0$."),
        ("Write to me@work.com at 3:30 pm.", "Write to me@work.com at 15:30."),
        ("So we have 1,234.5 of them 😀", "So we have 1.234,5 of them 😀"),
        ("Who is @figure?", "¿Who is @figure?"),
        ("READ THE FIGURES OF me@work.com NOW", "READ THE CIFRA OF me@work.com NOW"),
    ],
)
async def test_with_an_engine_that_only_repeats(text: str, expected: str) -> None:
    assert await worded(text, lambda said: said) == expected


async def test_an_engine_that_knows_only_sentences_gets_sentences() -> None:
    asked: list[str] = []

    def engine(said: str) -> str:
        asked.append(said)
        return said

    assert await worded("hello my friend", engine) == "hello my friend"
    assert await worded("THE HOUSE IS WHITE AND LARGE", engine) == "THE HOUSE IS WHITE AND LARGE"
    assert asked == ["hello my friend.", "The house is white and large"]


async def test_known_phrases_and_what_says_nothing_need_no_engine() -> None:
    assert await worded("Thanks!", never) == "¡Gracias!"
    assert await worded("😀", never) == "😀"
    assert await worded(" ... ", never) == " ... "


async def test_the_users_term_goes_before_a_known_phrase() -> None:
    glossary = Glossary([Term(source="thanks", target="mersi")], (), "en")

    async def run(said: str) -> str:
        return said

    assert await Wording("en", "es", glossary).translate("Thanks", run) == "Mersi"


async def test_where_a_word_is_lost_another_is_tried_and_then_pieces_without_losing_a_word() -> None:
    asked: list[str] = []

    def engine(said: str) -> str:
        asked.append(said)
        return said.lower() if "q" not in said.lower() else "…"

    text = "The first figure and the second figures (by Anna) are right."
    assert await worded(text, engine) == "The first cifra and the second cifra (by Ana) are right."
    assert len(asked) == 2 + 4


async def test_a_language_without_spaces_gets_them_around_terms() -> None:
    glossary = Glossary([Term(source="北京", target="Peking")], (), "zh")

    async def run(said: str) -> str:
        return "…" if "q" in said.lower() else {"我在": "I am in", "大学": "university"}[said]

    assert await Wording("zh", "en", glossary).translate("我在北京大学", run) == "I am in Peking university"


@pytest.mark.parametrize("sign", ["$1 ", "a@b ", "\\", "😀x", "#1 ", "+34 912 345 678, "])
async def test_a_text_of_nothing_but_signs_is_no_dictionary_out_of_proportion(sign: str) -> None:
    text = "so " + sign * (5000 // len(sign)) + "end of it"
    said = await worded(text, lambda said: said)
    assert [c for c in said if c.isdigit()] == [c for c in text if c.isdigit()]


async def test_each_line_is_a_text() -> None:
    asked: list[str] = []

    def engine(said: str) -> str:
        asked.append(said)
        return said

    assert (
        await worded("Line one\nYes.\n\nThe house is white.\n", engine)
        == "Line one\nSí.\n\nThe house is white.\n"
    )
    assert asked == ["Line one.", "The house is white."]
    many = "\n".join(["a line"] * 1000)
    assert await worded(many, engine) == many
    assert len(asked) == 3


async def test_a_comma_at_the_end_is_kept_from_engines() -> None:
    asked: list[str] = []

    def engine(said: str) -> str:
        asked.append(said)
        return said

    assert await worded("The house is free of charge,", engine) == "The house is free of charge,"
    assert await worded("the white house,", engine) == "the white house,"
    assert await worded("这是一所房子，", engine, source="zh") == "这是一所房子，"
    assert asked == ["The house is free of charge", "the white house.", "这是一所房子，"]
