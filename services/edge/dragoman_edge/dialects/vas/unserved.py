"""Endpoints that are not served, and paths that there are not, answered in the API's envelope."""

from collections.abc import Callable

from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import envelope, key_of
from dragoman_edge.dialects.vas.routes import route
from dragoman_edge.model.http import HttpRequest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TASK = ("/api/v1/tasks/{id}", "/api/v1/recordings/{id}")
UNSERVED = (("GET", "/api/v1/tts/voices/{name}/sample", "There are no samples of voices"),)


def _refusal(message: str) -> Callable[[HttpRequest], Exchange]:
    def refuse(request: HttpRequest) -> Exchange:
        key_of(request)  # nobody learns more than that
        raise Problem("feature_not_supported", message)
        yield

    return refuse


def _nothing(request: HttpRequest) -> Exchange:
    """A path that there is not, or not with this method."""
    return envelope(404, "endpoint_not_found", f"There is no {request.method} {request.path[:100]}", request)
    yield


ROUTES = (*(route(method, path, _refusal(message), {}) for method, path, message in UNSERVED),)
# Behind all others: whatever is left.
LAST: tuple[Route, ...] = tuple(route(method, "/api/v1/{path:path}", _nothing, {}) for method in METHODS)
