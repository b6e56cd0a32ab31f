"""Faults on the wire."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode
from dragoman_contract.errors import FaultCode


def test_a_fault_may_be_tried_again_at_once_unless_it_says_when() -> None:
    fault = rpc.Fault(code=FaultCode.BUSY, message="full", retry_after_ms=500)
    assert decode(rpc.Fault, encode(fault)) == fault
    assert decode(rpc.Fault, encode(rpc.Fault(code=FaultCode.BUSY))).retry_after_ms == 0
