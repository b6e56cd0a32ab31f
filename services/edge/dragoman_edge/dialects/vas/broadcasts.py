"""Broadcasts over HTTP: hosts make, list, look at and end them."""

from collections.abc import Generator
from typing import Any

from pydantic import AliasChoices, Field

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Spec, TrackSpec
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.dialects.vas import messages
from dragoman_edge.dialects.vas.broadcast_resource import for_host
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.routes import HOST_CODES, read_body, route
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.model.broadcasts import (
    Broadcast,
    BroadcastWish,
    EndBroadcast,
    FindBroadcast,
    MakeBroadcast,
)
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask, CheckSpec, Names
from dragoman_edge.model.tokens import BROWSER_CLAIMS

MOST_VIEWERS = 100_000  # that a broadcast can be limited to
PER_PAGE, MOST_PER_PAGE = 20, 100
MANY = "/api/v1/broadcasts"
ONE = "/api/v1/broadcasts/{id}"


class Wish(messages.Model):
    """The body of `POST /api/v1/broadcasts`."""

    name: str = Field("", max_length=200)
    transcription_language: messages.Tags = Field(
        default_factory=list,
        max_length=2,
        validation_alias=AliasChoices("transcription_language", "transcription_languages"),
    )
    translation_languages: messages.Tags = Field(default_factory=list, max_length=messages.MOST_TARGETS)
    access_type: str = Field("", pattern="^(public|password|)$")
    pass_code: str | None = Field(
        None, max_length=100, validation_alias=AliasChoices("pass_code", "password")
    )
    max_viewers: int | None = Field(None, ge=1, le=MOST_VIEWERS)
    standby_message: str | None = Field(None, max_length=messages.LONGEST_MESSAGE)


def _make(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    wish = read_body(Wish, request)
    if wish.access_type == "password" and not wish.pass_code:
        raise PeerError(FaultCode.BAD_REQUEST, "pass_code: Field required")
    sources = tuple(map(canonical, wish.transcription_language))
    targets = tuple(dict.fromkeys(map(canonical, wish.translation_languages)))
    track = TrackSpec(source_languages=sources, target_languages=targets)
    if sources or targets:  # the host may choose them in `start`
        yield CheckSpec(Spec(dialect=NAME, tracks=(track,), speech=False))
    private = wish.access_type != "public"
    made: Broadcast = yield MakeBroadcast(
        account,
        BroadcastWish(
            name=wish.name,
            source_languages=sources,
            target_languages=targets,
            password=wish.pass_code or "" if private else "",
            max_viewers=wish.max_viewers or 0,
            standby_message=wish.standby_message or "",
        ),
    )
    return HttpResponse(201, {"data": for_host(made, request)})


def _look(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    return HttpResponse(200, {"data": for_host((yield from _find(request, account)), request)})


def _list(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    page, per_page = _number(request, "page", 1), min(_number(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    names: list[str] = yield Names(f"{account}.broadcast")
    found = []
    for name in names[(page - 1) * per_page : page * per_page]:
        one: Broadcast | None = yield FindBroadcast(name, account)
        found += [one] if one is not None else []
    last = max(1, -(-len(names) // per_page))
    meta = {"current_page": page, "last_page": last, "per_page": per_page, "total": len(names)}
    return HttpResponse(200, {"data": [for_host(one, request) for one in found], "meta": meta})


def _end(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    found = yield from _find(request, account)
    yield EndBroadcast(found.token)
    return HttpResponse(200, {"data": for_host((yield from _find(request, account)), request)})


def _account(request: HttpRequest) -> Generator[Ask, Any, str]:
    """Whose API key it is, or whose browser; a ticket is for a socket only."""
    asked = rpc.AuthenticateRequest(credential=key_of(request), source=request.source, dialect=NAME)
    who: rpc.AuthenticateReply = yield asked
    if who.token and who.claims != BROWSER_CLAIMS:
        raise PeerError(FaultCode.INVALID_CREDENTIAL, "this is a ticket; send an API key")
    return who.account_id


def _find(request: HttpRequest, account: str) -> Generator[Ask, Any, Broadcast]:
    found: Broadcast | None = yield FindBroadcast(request.path_parameters["id"], account)
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
    return found


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else default


ROUTES = (
    route("POST", MANY, _make, HOST_CODES),
    route("GET", MANY, _list, HOST_CODES),
    route("GET", ONE, _look, HOST_CODES),
    route("DELETE", ONE, _end, HOST_CODES),
)
