"""Questions for capabilities."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode


def test_an_empty_question_asks_for_the_first_page() -> None:
    assert decode(rpc.CapabilitiesRequest, b"").page == 0


def test_a_worker_of_before_pages_has_one() -> None:
    assert decode(rpc.CapabilitiesReply, b"").pages == 0
