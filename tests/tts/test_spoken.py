"""What a voice would read wrongly is written out; places in the written text are kept."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_tts.engines.espeak import Espeak
from dragoman_tts.speech import speak
from dragoman_tts.spoken import spoken


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr-FR", "12\u202f500 et 1\u00a0234,56", "12500 et 1234,56"),
        ("es-ES", "Cuesta 1.234,56\u00a0$.", "Cuesta 1.234,56 dólares."),
        ("es-ES", "1 € o £2,5 millones o €5 mil", "1 euro o 2,5 millones de libras o 5 mil euros"),
        ("pt-BR", "R$\u00a01.500,00", "1.500,00 reais"),
        ("de-DE", "20\u00a0€ am 25.12.2026", "20 Euro am 25. Dezember 2026"),
        ("en-US", "$1,234.56, $1 and $2.5 million", "1,234.56 dollars, 1 dollar and 2.5 million dollars"),
        (
            "es",
            "el 25/12/2026, 03/04/2026, 5/5/2026",
            "el 25 de diciembre de 2026, 03/04/2026, 5 de mayo de 2026",
        ),
        ("en-US", "12/25/2026", "December 25, 2026"),
        ("hi-IN", "₹500 $5", "₹500 $5"),
        ("es", "1.234,5 y 15:30 y 5,5\u00a0% y 99/99/2026", "1.234,5 y 15:30 y 5,5\u00a0% y 99/99/2026"),
        ("tlh", "25/12/2026", "25/12/2026"),
    ],
)
def test_as_it_is_read_out(language: str, text: str, expected: str) -> None:
    assert spoken(text, language).text == expected


@given(st.text("0123456789.,/ $€£\u00a0\u202fab", max_size=60), st.sampled_from(["es", "fr-FR", "de", "xx"]))
def test_every_place_lies_in_the_text_and_what_is_unchanged_is_found_again(text: str, language: str) -> None:
    said = spoken(text, language)
    for offset in range(len(said.text)):
        place, length = said.place(offset, 1)
        assert place >= 0
        assert place + length <= len(text)
        if not any(begin <= offset < end for begin, end, _, _ in said.changes):
            assert text[place] == said.text[offset]


def test_boundaries_point_at_what_is_written() -> None:
    engine = Espeak()
    voice = next(v for v in engine.voices() if v.language == "es" and v.gender == "female")
    text = "Cuesta 1.234,56\u00a0$ el 25/12/2026 en casa"
    found = [b for chunk in speak(engine, text, voice, 1.0, 80) for b in chunk.boundaries]
    words = [text[b.text_offset : b.text_offset + b.text_length] for b in found]
    assert words == ["Cuesta", "1.234,56\u00a0$", "el", "25/12/2026", "en", "casa"]
    assert all(a.offset_ms + a.duration_ms <= b.offset_ms + 1 for a, b in pairwise(found))
