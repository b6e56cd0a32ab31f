"""The endpoints of session resources: made, looked at, listed and ended over HTTP."""

import hashlib
from collections.abc import Generator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.json_text import explain
from dragoman_edge.dialects.kallglot import recording
from dragoman_edge.dialects.kallglot.access import credential_of, owner
from dragoman_edge.dialects.kallglot.claims import NAME, Claims
from dragoman_edge.dialects.kallglot.errors import invalid
from dragoman_edge.dialects.kallglot.idempotency import MISMATCH, key_of, once, stored_under
from dragoman_edge.dialects.kallglot.resource import Session, ended, resource, session_key
from dragoman_edge.dialects.kallglot.session_bodies import EndBody, read_body, wanted
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import (
    Ask,
    CheckSpec,
    EndLive,
    Find,
    IsLive,
    IssuedToken,
    IssueToken,
    Keep,
    Names,
)
from dragoman_edge.model.reservation import SessionReservation, reservation_key
from dragoman_edge.model.served import UnservedError

TOKEN_TTL_MS = 3_600_000
LEAST_TTL_MS = 1000  # of the token of a repeat: its session was made long ago
MICRO = 1_000_000
PAGE, MAX_PAGE = 20, 100


# POST /v1/sessions


def create(request: HttpRequest) -> Exchange:
    """`POST /v1/sessions`: the resource, and the token of its socket; a repeat has the same answer."""
    credential = credential_of(request)
    body = read_body(request)
    claims = wanted(body)
    if isinstance(claims, HttpResponse):
        return claims
    account = (yield from owner(request, credential))["account_id"]
    repeated = key_of(request) and (yield Find(stored_under(request, account)))
    impossible = None if repeated else (yield from _impossible(request, credential, claims))
    if impossible is not None:
        return impossible
    claims = yield from _by_voice(claims)
    first = yield from once(request, account, f"{_new_id(request)} {request.now_ms}")
    if first is None:
        return MISMATCH
    session_id, _, created_at_ms = first.partition(" ")
    made = Session(
        claims=claims.model_copy(update={"session_id": session_id}),
        metadata=body.get("metadata"),
        created_at_ms=int(created_at_ms),
    )
    until = made.created_at_ms + TOKEN_TTL_MS
    ttl_ms = max(LEAST_TTL_MS, until - request.now_ms)
    seed = session_id if key_of(request) else ""
    token: IssuedToken = yield _issue(credential, request, made.claims, ttl_ms, seed)
    yield Keep(session_key(account, session_id), made.model_dump_json(), only_new=True)
    shown = replace(token, expires_at_ms=min(token.expires_at_ms, until))
    # A session costs by its use.
    money = {"X-API-Credits-Remaining": f"{token.credits_remaining / MICRO:.6f}", "X-API-Credits-Used": "0"}
    wish = recording.shown("pending") if claims.recording else None
    return HttpResponse(201, resource(made, None, False, request, shown, wish), money)


def _new_id(request: HttpRequest) -> str:
    """Ids sort by time; of this length the task of a recording has a UUID that leads back to its session."""
    return f"sess_{request.now_ms:012x}{hashlib.sha256(request.new_id.encode()).hexdigest()[:18]}"


def _impossible(
    request: HttpRequest, credential: str, claims: Claims
) -> Generator[Ask, Any, HttpResponse | None]:
    """Why it cannot be done, while the client can still choose otherwise."""
    spec = claims.spec(channels=1)
    try:
        yield CheckSpec(spec)
        if claims.recording:  # else the tier refuses it at the socket only; the price is not looked at
            yield rpc.QuoteRequest(credential=credential, source=request.source, spec=spec)
    except UnservedError as exc:
        is_source = bool(claims.source_language) and exc.tag == canonical(claims.source_language)
        field = "source_language" if is_source else "target_language"
        return invalid("invalid_language_code", exc.message, field)
    except PeerError as exc:
        if claims.recording and exc.code is FaultCode.UNSUPPORTED_FEATURE:
            return invalid("feature_not_available", exc.message, "recording")
        if exc.code is not FaultCode.UNSUPPORTED_VOICE:
            raise
        return invalid("invalid_field_value", exc.message, "voice")
    return None


def _by_voice(claims: Claims) -> Generator[Ask, Any, Claims]:
    """With the two told apart by their voices, where they share a channel and the fleet can do it."""
    wish = claims.model_copy(update={"by_voice": True})
    spec = wish.spec(channels=1)
    if not spec.speakers:
        return claims
    try:
        yield CheckSpec(spec)
    except PeerError:
        return claims
    return wish


# GET /v1/sessions, GET /v1/sessions/{id}


def listing(request: HttpRequest) -> Exchange:
    """`GET /v1/sessions`: those of the last day, the newest first, a page at a time."""
    credential = credential_of(request)
    limit = request.query.get("limit", str(PAGE))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= MAX_PAGE:
        return invalid("invalid_field_value", f"limit is 1 to {MAX_PAGE}", "limit")
    account = (yield from owner(request, credential))["account_id"]
    names: list[str] = yield Names(f"{account}.{NAME}.session")
    before, after = request.query.get("starting_after"), request.query.get("ending_before")
    ids = [one for one in reversed(names) if (not before or one < before) and (not after or one > after)]
    page = ids[-int(limit) :] if after and not before else ids[: int(limit)]
    data = []
    for session_id in page:
        found: str | None = yield Find(session_key(account, session_id))
        if found is None:  # forgotten meanwhile
            continue
        reservation = yield from _reservation(account, session_id)
        live = yield from _is_live(reservation, session_id)
        data.append(resource(Session.model_validate_json(found), reservation, live, request))
    body = {"object": "list", "data": data, "has_more": len(ids) > len(page), "url": "/v1/sessions"}
    return HttpResponse(200, body)


def retrieve(request: HttpRequest) -> Exchange:
    """`GET /v1/sessions/{id}`: as it stands; while it has not ended, with a fresh token for its socket."""
    credential = credential_of(request)
    who = yield from owner(request, credential)
    session = yield from _find(request, who["account_id"])
    reservation = yield from _reservation(who["account_id"], session.id)
    live = yield from _is_live(reservation, session.id)
    token = None if ended(reservation, live) else (yield _issue(credential, request, session.claims))
    kept: dict[str, Any] | None = None
    if session.claims.recording:
        begun = live or ended(reservation, live)
        asked = recording.state(request, who, session.id, live=live)
        kept = (yield from asked) if begun else recording.shown("pending")
    return HttpResponse(200, resource(session, reservation, live, request, token, kept))


# POST /v1/sessions/{id}/end


def end(request: HttpRequest) -> Exchange:
    """`POST /v1/sessions/{id}/end`: results in hand still go out; repeating it changes nothing."""
    credential = credential_of(request)
    try:
        reason = EndBody.model_validate(read_body(request) if request.body else {}).reason
    except ValidationError as exc:
        return invalid("invalid_field_value", explain(exc), "reason")
    account = (yield from owner(request, credential))["account_id"]
    session = yield from _find(request, account)
    if (yield from once(request, account, session.id)) is None:
        return MISMATCH
    reservation = yield from _reservation(account, session.id)
    if reservation is None or not reservation.ended_at_ms:
        reservation = (reservation or SessionReservation()).model_copy(
            update={"ended_at_ms": request.now_ms, "reason": reason}
        )
        yield Keep(reservation_key(account, session.id), reservation.model_dump_json())
        yield EndLive(session.id)
    return HttpResponse(200, resource(session, reservation, False, request))


# What they have in common


def _issue(
    credential: str, request: HttpRequest, claims: Claims, ttl_ms: int = TOKEN_TTL_MS, seed: str = ""
) -> IssueToken:
    return IssueToken(
        credential=credential,
        source=request.source,
        dialect=NAME,
        prefix="kst_",
        ttl_ms=ttl_ms,
        claims=claims.model_dump_json(),
        seed=seed,
    )


def _find(request: HttpRequest, account: str) -> Generator[Ask, Any, Session]:
    session_id = request.path_parameters["session_id"]
    found: str | None = None
    if is_safe_token(session_id):
        found = yield Find(session_key(account, session_id))
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such session")
    return Session.model_validate_json(found)


def _reservation(account: str, session_id: str) -> Generator[Ask, Any, SessionReservation | None]:
    found: str | None = yield Find(reservation_key(account, session_id))
    return SessionReservation.model_validate_json(found) if found else None


def _is_live(reservation: SessionReservation | None, session_id: str) -> Generator[Ask, Any, bool]:
    if reservation is None or reservation.ended_at_ms:
        return False
    live: bool = yield IsLive(session_id)
    return live
