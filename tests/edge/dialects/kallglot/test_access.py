"""The API key of a request: where it may stand, and that it is no token."""

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot.access import credential_of, owner
from tests.support.kallglot_codec import request


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer key"},
        {"authorization": "bearer  key"},
        {"x-api-key": "key"},
        {"authorization": "Basic abc", "x-api-key": "key"},
    ],
    ids=str,
)
def test_the_key_stands_in_either_header(headers: dict[str, str]) -> None:
    assert credential_of(request(headers=headers)) == "key"


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic abc"}], ids=str
)
def test_without_a_key_the_request_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(PeerError) as refused:
        credential_of(request(headers=headers))
    assert refused.value.code is FaultCode.MISSING_CREDENTIAL


def test_a_key_has_an_owner_and_a_token_has_none() -> None:
    exchange = owner(request(), "key")
    assert next(exchange) == rpc.AuthenticateRequest(credential="key", source="1.2.3.4", dialect="kallglot")
    with pytest.raises(StopIteration) as done:
        exchange.send(rpc.AuthenticateReply(account_id="a_1", key_id="k_1"))
    assert done.value.value == {"account_id": "a_1", "key_id": "k_1"}
    exchange = owner(request(), "kst_1")
    next(exchange)
    with pytest.raises(PeerError) as refused:
        exchange.send(rpc.AuthenticateReply(account_id="a_1", token=True))
    assert refused.value.code is FaultCode.INVALID_CREDENTIAL
