"""The API key of a request, and whose it is."""

from collections.abc import Generator
from typing import Any

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot.claims import NAME
from dragoman_edge.dialects.rest import authorization
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import Ask


def credential_of(request: HttpRequest) -> str:
    """Return the key of `Authorization: Bearer KEY`, or of `X-API-Key`.

    Raises:
        PeerError: `MISSING_CREDENTIAL`.
    """
    credential = authorization(request.headers, {}, ("bearer",)) or request.headers.get("x-api-key", "")
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer API_KEY'")
    return credential


def owner(request: HttpRequest, credential: str) -> Generator[Ask, Any, dict[str, Any]]:
    """Return `account_id` and `key_id` of an API key; a token is for a socket only.

    Raises:
        PeerError: `INVALID_CREDENTIAL`, or what accounts say.
    """
    asked = rpc.AuthenticateRequest(credential=credential, source=request.source, dialect=NAME)
    who: rpc.AuthenticateReply = yield asked
    if who.token:
        raise PeerError(FaultCode.INVALID_CREDENTIAL, "this is a session token; send an API key")
    return {"account_id": who.account_id, "key_id": who.key_id}
