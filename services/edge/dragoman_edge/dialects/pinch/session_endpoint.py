"""`GET /v1/session`: the presigned URL of a socket."""

from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.json_text import explain
from dragoman_edge.dialects.pinch.parameters import NAME, Parameters
from dragoman_edge.dialects.rest import Exchange, authorization
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import CheckSpec, IssuedToken, IssueToken, Room

TTL_MS = 60_000  # "short-lived (60 s) pre-signed WebSocket URL"


def create(request: HttpRequest) -> Exchange:
    """Answer `GET /v1/session` with a presigned socket URL.

    Raises: PeerError if it is refused.
    """
    credential = authorization(request.headers, {}, ("bearer",))
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer <your-api-key>'")
    parameters = _parameters(request)
    reply: IssuedToken = yield IssueToken(
        credential=credential,
        source=request.source,
        dialect=NAME,
        prefix="pst_",
        ttl_ms=TTL_MS,
        single_use=True,
        claims=parameters.model_dump_json(),
    )
    yield Room()  # "503: Capacity exhausted"
    notices: tuple[str, ...] = yield CheckSpec(parameters.spec())
    host = request.base_url.replace("http", "ws", 1)
    body: dict[str, Any] = {
        "session_id": parameters.session_id,
        "ws_url": f"{host}/session?token={quote(reply.token)}",
        "expires_in": TTL_MS // 1000,
        "model_version_id": request.build,
    }
    return HttpResponse(200, body | ({"warnings": list(notices)} if notices else {}))


def _parameters(request: HttpRequest) -> Parameters:
    query = {key: value for key, value in request.query.items() if value != ""}
    try:
        parameters = Parameters.model_validate(query | {"session_id": f"ss_{request.new_id}"})
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc).removeprefix(": Value error, ")) from None
    parameters.spec()  # the languages are tags
    return parameters
