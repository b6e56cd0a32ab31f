"""Paths under `/v1/sessions` that there are not, answered by the API's error object."""

from dragoman_edge.dialects.kallglot.errors import not_found
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.http import HttpRequest

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SESSIONS = "/v1/sessions"  # which there is, with some methods
UNKNOWN = (
    *((method, SESSIONS) for method in METHODS if method not in ("GET", "POST")),
    *((method, f"{SESSIONS}/{{path:path}}") for method in METHODS),
)


def nothing(request: HttpRequest) -> Exchange:
    """A path that there is not, or not with this method; it is not repeated: it may hold a secret."""
    return not_found("endpoint_not_found", f"there is no {request.method} of this path")
    yield
