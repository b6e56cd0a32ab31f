"""People write names and pairs; what they mean is found, or close names are told."""

import pytest

from dragoman_models import catalogue
from dragoman_models.errors import ModelError
from dragoman_models.names import candidates, filtered, pairs

KNOWN = catalogue.load()


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ("base", ["base"]),
        ("en_US-amy-low", ["en_US-amy-low"]),
        ("en-es", ["firefox-en-es-base-memory", "firefox-en-es-tiny"]),
        ("en→es", ["firefox-en-es-base-memory", "firefox-en-es-tiny"]),
        ("EN-ES", ["firefox-en-es-base-memory", "firefox-en-es-tiny"]),
        ("en-pt-BR", ["firefox-en-pt-base-memory", "firefox-en-pt-tiny", "translatelocally-en-pt"]),
        ("en-US-es-ES", ["firefox-en-es-base-memory", "firefox-en-es-tiny"]),
    ],
)
def test_a_wish_means_models_the_best_first(wish: str, names: list[str]) -> None:
    assert [model.name for model in candidates(wish, KNOWN)] == names


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ("larg-v3", "did you mean large-v3"),
        ("nllb", r"did you mean nllb-200-distilled-600m, nllb-200-distilled-1\.3b"),
        ("en-xx", "'en-xx' is unknown"),
        ("es-en-", "is unknown"),
        ("", "'' is unknown"),
        ("x" * 500, "is unknown"),
        ("../../etc", "is unknown"),
    ],
)
def test_what_means_nothing_is_told_with_what_is_close(wish: str, told: str) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        candidates(wish, KNOWN)
    assert len(str(caught.value)) < 400


def test_a_list_of_pairs_is_split() -> None:
    assert pairs("en-es, en-de,,") == ["en-es", "en-de"]


def test_models_are_found_by_what_they_do() -> None:
    names = {model.name for model in filtered(KNOWN, "translation", "en", "es")}
    assert {"firefox-en-es-tiny", "opus-mt-en-es", "nllb-200-distilled-600m", "madlad400-3b"} <= names
    assert not {"firefox-es-en-tiny", "base"} & names
    voices = filtered(KNOWN, "voices", target="es-MX")
    assert {model.languages for model in voices} == {("es-AR",), ("es-ES",), ("es-MX",)}
    assert {m.kind for m in filtered(KNOWN, "recogniser", source="de")} == {"recogniser"}
    with pytest.raises(ModelError, match="kind 'things' is unknown; there are: recogniser, translator"):
        filtered(KNOWN, "things")
