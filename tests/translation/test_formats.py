"""Numbers, amounts, dates and times as the target language writes them; what is not sure stays."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman_translation import formats


def through(text: str, source: str, target: str) -> str:
    """As if the engines said everything again."""
    text = formats.written(text, source, target)
    for kept in sorted(formats.amounts(text, source, target), key=lambda kept: -kept.start):
        text = text[: kept.start] + kept.out + text[kept.end :]
    return formats.repaired(text, text, source, target)


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en-US", "es-ES", "1,234.56", "1.234,56"),
        ("en-US", "fr-FR", "1,234.56", "1\u202f234,56"),
        ("en-US", "pt-BR", "12,500 of 3.5%", "12.500 of 3,5%"),
        ("en-US", "de-DE", "1,234,567.8", "1.234.567,8"),
        ("en-US", "hi-IN", "1,234,567", "12,34,567"),
        ("en-US", "es-MX", "1,234.56", "1,234.56"),
        ("es-ES", "en-US", "1.234,56 y 1,5", "1,234.56 y 1.5"),
        ("fr-FR", "en-GB", "1 234,56 ou 1\u202f234", "1,234.56 ou 1,234"),
        ("fr-FR", "pt-PT", "12\u00a0345,6", "12\u00a0345,6"),
        ("en-US", "es-ES", "in 2024, 1234 or 1234.5", "in 2024, 1234 or 1234,5"),
        ("en-US", "es-ES", "0.5 and 007.5 and 192.168.1.1", "0,5 and 007.5 and 192.168.1.1"),
        ("en-US", "es-ES", "version 3.11, Python 3.11, v2.5", "version 3.11, Python 3.11, v2.5"),
        ("es-ES", "en-US", "1.23 y 1.2.3", "1.23 y 1.2.3"),
        ("en-US", "es-ES", "5.5% or 5%", "5,5\u00a0% or 5\u00a0%"),
        ("es-ES", "en-US", "5,5 %", "5.5%"),
        ("en-US", "es-ES", "$1,234.56, £20 and -€5.50", "1.234,56\u00a0$, 20\u00a0£ and -5,50\u00a0€"),
        ("en-US", "pt-BR", "$1,234.56", "$\u00a01.234,56"),
        ("en-US", "fr-FR", "$1,234.56", "1\u202f234,56\u00a0$"),
        ("es-ES", "en-US", "1.234,56 € o 20€", "€1,234.56 o €20"),
        ("pt-BR", "en-US", "R$ 1.500,00", "R$1,500.00"),
        ("en-US", "es-ES", "£2.5 million, $2.5 million, $HOME", "£2,5 million, $2.5 million, $HOME"),
        ("en-US", "es-ES", "at 3:30 pm or 9 a.m. today", "at 15:30 or 9:00 today"),
        ("en-US", "fr-FR", "12 am, 12:05PM. At 9 p.m. Then", "0:00, 12:05. At 21:00. Then"),
        ("en-US", "pt-BR", "At 1:15 a.m. Saturday", "At 1:15 Saturday"),
        ("en-US", "pt-BR", "I am 3 and 13 pm", "I am 3 and 13 pm"),
        ("en-US", "es-MX", "3:30 pm", "3:30 pm"),
        ("es-ES", "en-US", "a las 15:30", "a las 15:30"),
        ("en-US", "es-ES", "12/25/2026 and 5/5/26", "25/12/2026 and 5/5/26"),
        ("en-US", "de-DE", "12/25/2026", "25.12.2026"),
        ("de-DE", "fr-FR", "25.12.2026", "25/12/2026"),
        ("es-ES", "en-US", "25/12/2026", "12/25/2026"),
        ("en-US", "ja-JP", "12/5/2026 12/25/2026", "12/5/2026 2026/12/25"),
        ("en-US", "es-ES", "3/4/2026, 13/14/2026, 2026-11-26, 1/2", "3/4/2026, 13/14/2026, 2026-11-26, 1/2"),
        ("en-US", "tlh", "1,234.56 at 3 pm", "1,234.56 at 3 pm"),
        ("en-US", "es-ES", "555-1234, +34 912 345 678, AB-1.5", "555-1234, +34 912 345 678, AB-1.5"),
    ],
)
def test_as_the_target_writes_it(source: str, target: str, text: str, expected: str) -> None:
    assert through(text, source, target) == expected


def test_what_the_engine_has_rewritten_is_left() -> None:
    assert formats.repaired("1.234 e 1,234", "1,234 and 1.234", "en-US", "pt-BR") == "1.234 e 1,234"
    assert formats.repaired("cerca de 12.500", "about 12,500", "en-US", "pt-BR") == "cerca de 12.500"


def test_hours_have_their_article_in_spanish() -> None:
    assert (
        formats.repaired("en 15:30 y en 1:05", "at 15:30 and at 1:05", "en", "es")
        == "a las 15:30 y a la 1:05"
    )


@given(
    st.integers(0, 10**9),
    st.integers(0, 999),
    st.sampled_from(["es-ES", "fr-FR", "pt-BR", "de-DE", "it", "ca"]),
)
def test_there_and_back_is_the_same_number(whole: int, part: int, target: str) -> None:
    said = f"{whole:,}.{part:03}"
    assert through(through(said, "en-US", target), target, "en-US") == said


@given(
    st.text("0123456789.,:/ $€%apm\u202f-", max_size=60),
    st.sampled_from(["es", "en-US", "fr", "de-CH", "hi"]),
)
@example("$0€", "es")
@example("0€$1", "es")
def test_digits_are_never_lost(text: str, source: str) -> None:
    if "p" in text or "a" in text:  # a time has other digits in 24 hours
        through(text, source, "pt-BR")
        return
    said, came = ([c for c in t if c.isdigit()] for t in (text, through(text, source, "pt-BR")))
    assert sorted(said) == sorted(came)
