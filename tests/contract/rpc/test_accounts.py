"""Requests to accounts: what a reply means when a field is left out."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode
from dragoman_contract.errors import FaultCode


def test_a_reply_without_a_fault_has_none_after_the_wire() -> None:
    reply = decode(rpc.RenewReply, encode(rpc.RenewReply()))
    assert reply.fault is None
    refused = rpc.RenewReply(fault=rpc.Fault(code=FaultCode.UNKNOWN_SESSION))
    assert decode(rpc.RenewReply, encode(refused)).fault == rpc.Fault(code="unknown_session")


def test_accounts_that_grant_nothing_say_so() -> None:
    assert decode(rpc.OpenReply, b"").grant is None
