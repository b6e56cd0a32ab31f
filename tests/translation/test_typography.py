"""Spaces and marks as a careful writer sets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_translation.typography import finished


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    [
        ("es", "Cómo estás?", "¿Cómo estás?"),
        ("es-MX", "Hola! Qué tal? Bien.", "¡Hola! ¿Qué tal? Bien."),
        ("es", "¿Ya?", "¿Ya?"),
        ("es", '"Sí?" dijo.', '"¿Sí?" dijo.'),
        ("es", "- No!", "- ¡No!"),
        ("es", "?!", "?!"),
        ("es", "Uno.\nDos?", "Uno.\n¿Dos?"),
        ("pt", "¿Já?", "Já?"),
        ("en", "¡Go!", "Go!"),
        ("fr", "Quoi? Non ! Ceci: cela; 15:30", "Quoi\u202f? Non\u202f! Ceci\u00a0: cela\u202f; 15:30"),
        ("fr-CA", "Quoi?", "Quoi?"),
        ("en", "I live in Zqba . So", "I live in Zqba. So"),
        ("en", "one  two", "one two"),
        ("en", "  two\n  lines", "  two\n  lines"),
    ],
)
def test_as_a_careful_writer_would(target: str, text: str, expected: str) -> None:
    assert finished(text, "source.", target) == expected


@given(st.text(max_size=80), st.sampled_from(["es", "fr", "en", "zh"]))
def test_twice_is_as_once_and_no_letter_is_lost(text: str, target: str) -> None:
    once = finished(text, text, target)
    ours = set("¿¡ \u00a0\u202f")
    assert [c for c in once if c not in ours] == [c for c in text if c not in ours]
    assert finished(once, text, target) == once
