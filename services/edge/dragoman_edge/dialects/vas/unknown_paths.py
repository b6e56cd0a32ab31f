"""Paths that there are not, answered in the API's envelope."""

from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas.rest import envelope
from dragoman_edge.dialects.vas.routes import route
from dragoman_edge.model.http import HttpRequest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _nothing(request: HttpRequest) -> Exchange:
    """A path that there is not, or not with this method; it is not repeated: it may hold a secret."""
    return envelope(404, "endpoint_not_found", f"There is no {request.method} of this path", request)
    yield


# Behind all others: whatever is left.
ROUTES: tuple[Route, ...] = tuple(route(method, "/api/v1/{path:path}", _nothing, {}) for method in METHODS)
