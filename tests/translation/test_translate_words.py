"""Words through real engines: nothing is lost, made up or made wrong. Rows are what users reported."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.bergamot import Bergamot
from dragoman_translation.translate import Translation
from tests.translation.test_translate import transcript

pytestmark = pytest.mark.integration


@pytest.fixture
async def apertium() -> AsyncIterator[Translation]:
    engine = Apertium()
    yield Translation({"apertium": engine})
    await engine.close()


SHORT = [
    ("en", "es", "No.", "No."),
    ("en", "fr", "No.", "Non."),
    ("en", "pt", "No.", "Não."),
    ("en", "ca", "No.", "No."),
    ("en", "fr", "Yes", "Oui"),
    ("en", "es", "Please.", "Por favor."),
    ("en", "es", "Help me.", "Ayúdame."),
    ("en", "es", "Thank you!", "¡Gracias!"),
    ("fr", "en", "Non.", "No."),
    ("pt", "en", "Sim.", "Yes."),
    ("en", "es", "No. He is here.", "No. Es aquí."),
]
AS_GIVEN = ["maria.lopez@example.com", "me@work.com", "https://example.org/a_b?c=1#d", "@maria", "#dragoman"]
AS_GIVEN += ["/usr/bin/env", "C:\\temp", "a^b", "{name}", "<b>", "[7]", "C#", "~5", "😀"]
AS_GIVEN += ["+34 912 345 678", "(555) 123-4567", "2026-11-26"]
WRITTEN = [
    ("en-US", "es-ES", "It costs $1,234.56 today.", "1.234,56\u00a0$"),
    ("en-US", "es-ES", "They have 1,234.56 houses.", "1.234,56"),
    ("en-US", "fr-FR", "They have 12,500 houses.", "12\u202f500"),
    ("en-US", "pt-BR", "About 3.5% of the houses are white.", "3,5%"),
    ("en-US", "es-ES", "The meeting is at 3:30 pm.", "a las 15:30"),
    ("en-US", "pt-BR", "The meeting is on 12/25/2026.", "25/12/2026"),
    ("es-ES", "en-US", "Tienen 1.234,5 casas.", "1,234.5"),
]
CAREFUL = [
    ("en", "es", "How are you today, my friend?", "¿", "?"),
    ("en", "es", "The house is white!", "¡La casa", "!"),
    ("en", "es", "I live in Qxyzville. He came.", "Vivo en Qxyzville. ", "Vino."),
    ("en", "es", "First line.\nSecond line.\n\nThe end.", "Primera línea.\nSegunda línea.\n\n", "."),
    ("en", "es", "THE HOUSE IS VERY WHITE", "LA CASA ES", "BLANCA"),
    ("en", "es", "the house is white", "la casa es blanca", ""),
]


async def said(translation: Translation, text: str, source: str, target: str, **work: Any) -> str:
    return (await translation.translate(transcript(text, source, **work), target))[0]


async def test_short_answers(apertium: Translation) -> None:
    came = [await said(apertium, text, source, target) for source, target, text, _ in SHORT]
    assert came == [expected for *_, expected in SHORT]


@pytest.mark.parametrize("target", ["es-ES", "fr-FR"])
async def test_signs_survive_rules(apertium: Translation, target: str) -> None:
    text = "We have {} here, the house of my friend."
    came = [await said(apertium, text.replace("{}", sign), "en-US", target) for sign in AS_GIVEN]
    assert [sign for sign, answer in zip(AS_GIVEN, came, strict=True) if answer.count(sign) != 1] == []


async def test_signs_survive_neural_models(bergamot: Bergamot) -> None:
    translation = Translation({"bergamot": bergamot})
    text = "We have {} here, the house of my friend."
    came = [await said(translation, text.replace("{}", sign), "en-US", "pt-BR") for sign in AS_GIVEN]
    assert [sign for sign, answer in zip(AS_GIVEN, came, strict=True) if answer.count(sign) != 1] == []
    assert all("casa" in answer and "amigo" in answer for answer in came)


async def test_numbers_by_rules(apertium: Translation) -> None:
    came = [await said(apertium, text, source, target) for source, target, text, _ in WRITTEN]
    assert [
        (expected, answer)
        for (*_, expected), answer in zip(WRITTEN, came, strict=True)
        if expected not in answer
    ] == []


NEURAL = [
    ("It costs $1,234.56 today.", "$\u00a01.234,56"),
    ("He paid £20 and €5.50.", "£\u00a020"),
    ("They have 12,500 houses.", "12.500"),
    ("About 3.5% of them are white.", "3,5%"),
    ("The meeting is at 3:30 pm.", "15:30"),
    ("The meeting is on 12/25/2026.", "25/12/2026"),
    ("Call (555) 123-4567 today.", "(555) 123-4567"),
    ("Thank you", "Obrigado"),
]


async def test_numbers_and_thanks_by_neural_models(bergamot: Bergamot) -> None:
    translation = Translation({"bergamot": bergamot})
    came = [await said(translation, text, "en-US", "pt-BR") for text, _ in NEURAL]
    assert [
        answer for (_, expected), answer in zip(NEURAL, came, strict=True) if expected not in answer
    ] == []


async def test_as_a_careful_writer_would(apertium: Translation) -> None:
    for source, target, text, begins, ends in CAREFUL:
        came = await said(apertium, text, source, target)
        assert came.startswith(begins) and came.endswith(ends), came
        assert "  " not in came and " ." not in came


TERMS = (ev.Term(source="figure", target="cifra"), ev.Term(source="check in", target="facturar"))


FORMS = [
    ("The figures are here.", "cifra"),
    ("Figures are good.", "Cifra"),
    ("THE FIGURES ARE HERE", "CIFRA"),
    ("The figure's colour is white.", "cifra"),
    ("We check in and they check-in.", "facturar"),
    ("The configuration is here.", "configura"),
]


async def test_terms_are_found_in_their_forms_and_leave_the_sentence_right(
    apertium: Translation, bergamot: Bergamot
) -> None:
    neural = Translation({"bergamot": bergamot})
    for translation, target in ((apertium, "es-ES"), (neural, "pt-BR")):
        for text, expected in FORMS:
            came = await said(translation, text, "en-US", target, dictionary=TERMS)
            assert expected in came, came
            assert "  " not in came and " ." not in came


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ((ev.Term(source=".", target="X" * 200),), "." * 5000),
        ((ev.Term(source=".", target="X" * 200),), "The house. " * 300),
        (tuple(ev.Term(source=f"{n}(.*)+" * 8, target="X" * 200) for n in range(1000)), "1(.*)+" * 8),
    ],
)
async def test_a_hostile_dictionary_does_no_harm(
    apertium: Translation, terms: tuple[ev.Term, ...], text: str
) -> None:
    came = await said(apertium, text, "en-US", "es-ES", dictionary=terms)
    assert len(came) < 2 * len(text) + 4000


async def test_a_dictionary_out_of_proportion_is_told(apertium: Translation) -> None:
    terms = (ev.Term(source="a", target="X" * 200),)
    with pytest.raises(PeerError) as caught:
        await apertium.translate(transcript("a " * 300, dictionary=terms), "es-ES")
    assert caught.value.code is FaultCode.TOO_LARGE
