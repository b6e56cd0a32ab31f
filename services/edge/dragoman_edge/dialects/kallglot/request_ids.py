"""The id of a request, which its answer carries: `X-Request-ID`, and `request_id` of an error."""

from dataclasses import replace

from dragoman_edge.model.http import HttpResponse

HEADER = "X-Request-ID"


def identified(response: HttpResponse, new_id: str) -> HttpResponse:
    """Return the answer of a REST endpoint with the id of its request, which an operator finds in the log."""
    name = f"req_{new_id}"
    body = response.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body | {"error": body["error"] | {"request_id": name}}
    return replace(response, body=body, headers=response.headers | {HEADER: name})
