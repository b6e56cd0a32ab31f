"""Phrases of a word or two: the whole text or nothing, with its capitals and marks."""

from itertools import permutations

import pytest

from dragoman_translation import short_answers
from dragoman_translation.short_answers import short_answer

LANGUAGES = ("en", "es", "fr", "pt", "ca", "it", "de")


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en-US", "es-ES", "No.", "No."),
        ("en", "fr", "Yes", "Oui"),
        ("en", "es", "Please.", "Por favor."),
        ("en", "es", "Help me!", "Ayúdame!"),
        ("en", "pt", "Thank you", "Obrigado"),
        ("en", "ca", "No.", "No."),
        ("en", "de", "good morning", "guten Morgen"),
        ("en", "es", "THANK YOU!", "GRACIAS!"),
        ("en", "fr", "Yes, please.", "Oui s'il vous plaît."),
        ("en", "es", "Yes. No. Maybe…", "Sí. No. Quizás…"),
        ("en", "it", "No, no, no!", "No, no, no!"),
        ("es", "en", "¿Por qué?", "Why?"),
        ("es", "en", "¡Gracias!", "Thank you!"),
        ("fr", "en", "S’il vous plaît.", "Please."),
        ("pt-BR", "en", "Não", "No"),
        ("de", "en", "Bitte", "Please"),
        ("en", "es", "You're welcome.", "De nada."),
    ],
)
def test_a_phrase(source: str, target: str, text: str, expected: str) -> None:
    assert short_answer(text, source, target) == expected


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("en", "es", "No one came."),
        ("en", "es", "Yes, he did."),
        ("en", "es", "No. 5"),
        ("en", "es", "…"),
        ("en", "es", ""),
        ("en", "zh", "Yes"),
        ("tlh", "es", "Yes"),
        ("en", "es", "yes " * 100),
    ],
)
def test_no_phrase(source: str, target: str, text: str) -> None:
    assert short_answer(text, source, target) is None


@pytest.mark.parametrize(("source", "target"), list(permutations(LANGUAGES, 2)))
def test_every_row_serves_every_pair(source: str, target: str) -> None:
    for row in short_answers._table():
        assert all(row[language][0].strip() == row[language][0] != "" for language in LANGUAGES)
        assert short_answer(row[source][0], source, target) is not None
