"""The token endpoint: session keys, which browsers connect with."""

from datetime import UTC, datetime

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.krisp.configuration import NAME
from dragoman_edge.dialects.rest import Exchange, authorization
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import IssuedToken, IssueToken

SCHEMES = ("api-key", "bearer")
TTL_MINUTES = (5, 1440)  # bounds of expiration_ttl
DEFAULT_TTL_MINUTES = 60


def issue(request: HttpRequest) -> Exchange:
    """Answer `GET …/session/token` with a session key bound to the API key.

    Raises: PeerError if it is refused.
    """
    credential = authorization(request.headers, request.query, SCHEMES)
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: api-key API_KEY'")
    ttl = _ttl_minutes(request.query.get("expiration_ttl", str(DEFAULT_TTL_MINUTES)))
    reply: IssuedToken = yield IssueToken(
        credential=credential, source=request.source, dialect=NAME, prefix="kvt_", ttl_ms=ttl * 60_000
    )
    expires = datetime.fromtimestamp(reply.expires_at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    data = {
        "session_key": reply.token,
        "expires_at": expires,
        "key_id": reply.key_id,
        "status": "active",
        "type": "session",
    }
    return HttpResponse(200, {"data": data})


def _ttl_minutes(text: str) -> int:
    low, high = TTL_MINUTES
    if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
        raise PeerError(FaultCode.BAD_REQUEST, f"expiration_ttl is in minutes, {low} to {high}")
    return int(text)
