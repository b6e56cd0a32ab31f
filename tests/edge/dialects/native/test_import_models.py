"""The models of imports that docs/native.openapi.yaml is made from."""

import pytest
from pydantic import ValidationError

from dragoman_edge.dialects.native import import_models as m
from dragoman_edge.model.imports import State
from scripts import openapi


def test_an_import_has_the_states_of_its_record() -> None:
    assert m.Import.model_json_schema()["properties"]["status"]["enum"] == [state.value for state in State]


@pytest.mark.parametrize("duration_ms", [999, 36_000_001])
def test_a_quote_is_for_a_second_to_ten_hours(duration_ms: int) -> None:
    with pytest.raises(ValidationError):
        m.QuoteWish(duration_ms=duration_ms)


def test_the_page_says_how_a_file_is_sent() -> None:
    operation = openapi.document()["paths"]["/v1/imports"]["post"]
    assert (
        set(operation["requestBody"]["content"]) == {"multipart/form-data"}
        and "201" in operation["responses"]
    )
