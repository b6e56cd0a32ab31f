"""Paths that there are not are told in the envelope."""

import pytest

from dragoman_edge.dialects.rest import Route
from dragoman_edge.dialects.vas import Vas, unknown_paths
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_tasks import request


@pytest.mark.parametrize("one", unknown_paths.ROUTES, ids=[one.method for one in unknown_paths.ROUTES])
def test_a_path_that_there_is_not_is_told(one: Route) -> None:
    _, answer = exchanged(one, request("/api/v1/" + "x" * 5000, method=one.method))
    assert answer.status == 404 and isinstance(answer.body, dict)
    assert answer.body["error_code"] == "endpoint_not_found" and len(answer.body["message"]) < 200


def test_they_come_after_every_other_route() -> None:
    assert Vas.routes[-len(unknown_paths.ROUTES) :] == unknown_paths.ROUTES
