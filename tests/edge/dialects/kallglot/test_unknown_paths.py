"""Paths that there are not are told by the error object."""

from typing import Any

import pytest

from dragoman_edge.dialects.kallglot import Kallglot, unknown_paths
from tests.support.kallglot_codec import Mesh, request


@pytest.mark.parametrize("method", unknown_paths.METHODS)
def test_a_path_that_there_is_not_is_told(method: str) -> None:
    asked = request(method=method, path="/v1/sessions/" + "x" * 5000)
    answer: Any = Mesh().run(unknown_paths.nothing(asked))
    told = answer.body["error"]
    assert (answer.status, told["type"], told["code"]) == (404, "not_found_error", "endpoint_not_found")
    assert method in told["message"] and len(told["message"]) < 200


def test_they_come_after_every_other_route() -> None:
    unknown = list(unknown_paths.UNKNOWN)
    assert [(route.method, route.path) for route in Kallglot.routes][-len(unknown) :] == unknown
