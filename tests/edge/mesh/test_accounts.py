"""The edge's side of accounts: requests over the bus, faults as exceptions."""

from dataclasses import replace
from typing import Any, cast

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.fingerprints import fingerprint, visible_prefix
from dragoman_edge.mesh.accounts import Accounts, fault_error
from dragoman_edge.model.requests import IssueToken
from dragoman_kit.bus import Bus

ASK = rpc.AuthenticateRequest(credential="dk_live_abcdefghij", source="::1", dialect="native")

RENEW = rpc.RenewRequest(
    session_id="s", account_id="a", edge_id="e", usage=ev.Usage(session_id="s", sequence=1)
)


class Answering:
    """A bus whose accounts answer with one thing, or fail."""

    def __init__(self, answer: object) -> None:
        self.asked: list[tuple[str, rpc.Message, type]] = []
        self._answer = answer

    async def request(self, subject: str, message: rpc.Message, reply: type, wait_s: float = 3) -> Any:
        self.asked.append((subject, message, reply))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def accounts(answer: object) -> tuple[Accounts, Answering]:
    bus = Answering(answer)
    return Accounts(cast(Bus, bus)), bus


async def test_a_request_goes_to_its_method_and_the_reply_comes_back() -> None:
    reply = rpc.AuthenticateReply(account_id="acme")
    made, bus = accounts(reply)
    assert await made.ask(ASK, rpc.AuthenticateReply) == reply
    key, shown = fingerprint(ASK.credential), fingerprint("dk_live_abcdef")
    sent = replace(ASK, credential=key, credential_prefix=shown)
    assert bus.asked == [("dragoman.v1.accounts.authenticate", sent, rpc.AuthenticateReply)]


async def test_a_token_is_made_here_and_neither_it_nor_its_key_crosses_the_bus() -> None:
    rate = rpc.RateLimit(limit=3, remaining=2, reset_ms=1000)
    known = rpc.IssueTokenReply(expires_at_ms=9, key_id="k_1", account_id="acme", rate=rate)
    made, bus = accounts(known)
    wanted = IssueToken(credential="secret key", prefix="kst_", ttl_ms=1000, claims="{}", dialect="kallglot")
    issued = await made.issue(wanted)
    assert issued.token.startswith("kst_") and (issued.expires_at_ms, issued.account_id) == (9, "acme")
    assert issued.rate == rate
    (_, sent, _) = bus.asked[0]
    assert isinstance(sent, rpc.IssueTokenRequest)
    assert (sent.credential, sent.token) == (fingerprint("secret key"), fingerprint(issued.token))
    assert sent.credential_prefix == fingerprint(visible_prefix("secret key"))
    assert issued.token not in repr(sent) and "secret" not in repr(sent)
    seeded = replace(wanted, seed="s_1")
    assert (await made.issue(seeded)).token == (await made.issue(seeded)).token != issued.token


async def test_a_token_begins_as_accounts_know_tokens() -> None:
    made, bus = accounts(rpc.IssueTokenReply())
    with pytest.raises(ValueError, match="kind of token"):
        await made.issue(IssueToken(credential="k", prefix="new_", ttl_ms=1000))
    assert not bus.asked


@pytest.mark.parametrize(
    ("request_", "method"),
    [
        (rpc.IssueTokenRequest(credential="", token="", ttl_ms=1), "issue_token"),
        (RENEW, "renew"),
    ],
)
async def test_every_request_has_a_method(request_: rpc.Message, method: str) -> None:
    made, bus = accounts(rpc.RenewReply())
    await made.call(request_)
    assert bus.asked[0][0].endswith(f".{method}")


async def test_a_fault_is_an_exception_of_its_class() -> None:
    fault = rpc.Fault(code="rate_limited", message="slow", retry_after_ms=500)
    made, _ = accounts(rpc.AuthenticateReply(fault=fault))
    with pytest.raises(PeerError) as refused:
        await made.ask(ASK, rpc.AuthenticateReply)
    assert (refused.value.code, refused.value.retry_after_ms) == (FaultCode.RATE_LIMITED, 500)
    assert (await made.call(ASK)).fault == fault  # whoever wants to look at it itself
    assert type(fault_error(rpc.Fault(code="busy"))) is MeshError


@pytest.mark.parametrize("code", [FaultCode.BUSY, FaultCode.TIMEOUT, FaultCode.UNAVAILABLE])
async def test_accounts_that_do_not_answer_are_an_outage_and_no_full_fleet(code: FaultCode) -> None:
    made, _ = accounts(MeshError(code))
    with pytest.raises(MeshError) as failed:
        await made.ask(ASK, rpc.AuthenticateReply)
    assert (failed.value.code, failed.value.retry_after_ms) == (FaultCode.UNAVAILABLE, 2000)


async def test_an_answer_to_something_else_is_a_bug() -> None:
    made, _ = accounts(rpc.RenewReply())
    with pytest.raises(TypeError, match="AuthenticateRequest"):
        await made.ask(ASK, rpc.AuthenticateReply)
