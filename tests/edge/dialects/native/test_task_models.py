"""The models that docs/native.openapi.yaml is made from."""

import pytest
from pydantic import ValidationError

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.dialects.native import enrolment, imports, task_changes, tasks
from dragoman_edge.dialects.native import task_models as m
from dragoman_edge.dialects.native.errors import refuse
from scripts import openapi


def test_a_task_has_no_status_but_these() -> None:
    schema = m.Task.model_json_schema()["properties"]["status"]
    assert schema["enum"] == ["active", "completed"]


def test_a_refusal_has_the_envelope_of_the_api() -> None:
    body = refuse(MeshError(FaultCode.UNAVAILABLE, "away", retry_after_ms=2000)).body
    assert m.Refusal.model_validate(body).error.retry_after_ms == 2000
    with pytest.raises(ValidationError):
        m.Refusal.model_validate({"error": {"code": "x"}})


def test_the_page_has_every_route() -> None:
    paths = openapi.document()["paths"]
    told = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert told == {
        (route.method, route.path)
        for route in (*tasks.ROUTES, *task_changes.ROUTES, *imports.ROUTES, *enrolment.ROUTES)
    }
