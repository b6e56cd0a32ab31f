"""Signing a browser in: a link with a one-time code, which becomes session tokens of the key. Pure.

The tokens are derived from the code, so nothing secret is kept or crosses the bus: accounts know the
fingerprints of the tokens, the store of the edges the hash of a code that was used.
"""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.json_text import explain, parse_object
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.native.languages import NAME, SCHEMES
from dragoman_edge.dialects.rest import Exchange, Route, authorization
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssueToken, Keep
from dragoman_edge.model.tokens import BROWSER_CLAIMS, derived_token, new_token

LINKS, SESSIONS = "/v1/browser-links", "/v1/browser-sessions"
LINK_MS = 10 * 60_000  # in which a link can be opened
SESSION_MS = 12 * 3_600_000  # in which the browser may begin sessions
PREFIX = "dbs_"
HOSTING = "vas"  # the API of broadcasts
NO_STORE = {"Cache-Control": "no-store"}


class Code(BaseModel):
    """The body of `POST /v1/browser-sessions`."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=100)


def link(request: HttpRequest) -> Exchange:
    """Make a link that signs one browser in, once, within ten minutes; needs a key.

    Raises: PeerError if it is refused.
    """
    credential = authorization(request.headers, {}, SCHEMES)
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer KEY'")
    code = new_token("")
    until = request.now_ms + LINK_MS
    claims = {NAME: json.dumps({"open_until_ms": until}), HOSTING: BROWSER_CLAIMS}
    for api, bound in claims.items():
        yield IssueToken(
            credential=credential,
            source=request.source,
            dialect=api,
            ttl_ms=SESSION_MS,
            claims=bound,
            token=_token(code, api),
        )
    # The code is in the fragment: browsers send it to no server and no log.
    body = {"url": f"{request.base_url}/#sign-in={code}", "expires_at_ms": until}
    return HttpResponse(201, body, NO_STORE)


def session(request: HttpRequest) -> Exchange:
    """Change the code of a link for session tokens, one for each API of the pages; it works once.

    Raises: PeerError if it is refused.
    """
    code = _code(request)
    asked = rpc.AuthenticateRequest(credential=_token(code, NAME), source=request.source, dialect=NAME)
    known: rpc.AuthenticateReply = yield asked
    if request.now_ms > _open_until(known.claims):
        raise PeerError(FaultCode.EXPIRED_CREDENTIAL, "the link is too old")
    key = f"{known.account_id}.sign_in.{hashlib.sha256(code.encode()).hexdigest()}"
    first: str = yield Keep(key, request.new_id, only_new=True)
    if first != request.new_id:
        raise PeerError(FaultCode.USED_CREDENTIAL, "the link was used before")
    tokens: dict[str, object] = {api: _token(code, api) for api in (NAME, HOSTING)}
    return HttpResponse(201, {**tokens, "expires_at_ms": known.expires_at_ms}, NO_STORE)


def _token(code: str, api: str) -> str:
    return derived_token(code, PREFIX, api)


def _code(request: HttpRequest) -> str:
    try:
        return Code.model_validate(parse_object(request.body.decode("utf-8", "replace"))).code
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)) from None


def _open_until(claims: str) -> int:
    """Of another token of the native API it is 0."""
    bound: Any = json.loads(claims or "{}")
    until = bound.get("open_until_ms", 0) if isinstance(bound, dict) else 0
    return int(until)


ROUTES = (Route("POST", LINKS, link, refuse), Route("POST", SESSIONS, session, refuse))
