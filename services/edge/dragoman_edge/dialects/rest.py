"""REST endpoints of a dialect, and the credentials of their requests."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from dragoman_contract.errors import DragomanError
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask

# A REST handler yields what it asks accounts and the edges, is sent the answers, and returns its own.
Exchange = Generator[Ask, Any, HttpResponse]


def _as_it_is(response: HttpResponse, _: str) -> HttpResponse:
    return response


@dataclass(frozen=True, slots=True)
class Route:
    """A REST endpoint of a dialect; `path` in FastAPI's form. `upload`: its handler asks for the body.

    `identify` puts the request's id (`new_id` of `HttpRequest`) into every answer, refusals too.
    """

    method: str
    path: str
    handle: Callable[[HttpRequest], Exchange]
    refuse: Callable[[DragomanError], HttpResponse]
    upload: bool = False
    identify: Callable[[HttpResponse, str], HttpResponse] = _as_it_is


def retry_after(error: DragomanError) -> dict[str, str]:
    """The `Retry-After` header in whole seconds, at least one; empty where the error names no time."""
    if not error.retry_after_ms:
        return {}
    return {"Retry-After": str(max(1, error.retry_after_ms // 1000))}


def authorization(headers: Mapping[str, str], query: Mapping[str, str], schemes: tuple[str, ...]) -> str:
    """The credential of `Authorization` (header, else query) after one of the schemes, in any case."""
    text = headers.get("authorization") or query.get("authorization") or ""
    scheme, _, credential = text.strip().partition(" ")
    return credential.strip() if scheme.lower() in schemes else ""
