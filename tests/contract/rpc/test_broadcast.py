"""Notices of broadcasts: what is not set does not change."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode
from dragoman_contract.events import BroadcastState


def test_a_notice_of_nothing_leaves_the_state() -> None:
    notice = decode(rpc.BroadcastNotice, b"")
    assert notice.state is None and notice.speakers is None and notice.translation is None


def test_an_answer_to_viewers_has_a_state_only_if_it_is_known() -> None:
    reply = rpc.AdmissionReply(state=BroadcastState(), queue=(rpc.QueuePlace(viewer_id="v", position=2),))
    assert decode(rpc.AdmissionReply, encode(reply)) == reply
    assert decode(rpc.AdmissionReply, b"").state is None
