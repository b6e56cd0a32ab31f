"""Requests and replies: what they mean when a field is left out."""

import dataclasses
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode
from dragoman_contract.errors import FaultCode, PeerError
from tests.contract.test_codec import MESSAGES, filled


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_a_message_cannot_be_changed(cls: type[Any]) -> None:
    fields = dataclasses.fields(cls)
    if fields:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(filled(cls), fields[0].name, None)


def test_a_reply_without_a_fault_has_none_after_the_wire() -> None:
    reply = decode(rpc.RenewReply, encode(rpc.RenewReply()))
    assert reply.fault is None
    refused = rpc.RenewReply(fault=rpc.Fault(code=FaultCode.UNKNOWN_SESSION))
    assert decode(rpc.RenewReply, encode(refused)).fault == rpc.Fault(code="unknown_session")


def test_an_empty_question_asks_for_the_first_page() -> None:
    assert decode(rpc.CapabilitiesRequest, b"").page == 0


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_bytes_that_are_no_message_are_the_peers_fault(cls: type[Any]) -> None:
    with pytest.raises(PeerError):
        decode(cls, b"\x0a\xff")
