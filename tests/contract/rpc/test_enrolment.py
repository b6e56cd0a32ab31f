"""Requests to the archive about enrolled speakers."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode
from dragoman_contract.events import KnownSpeaker


def test_voices_come_in_the_order_of_the_question() -> None:
    voices = tuple(KnownSpeaker(id=name, name=name, print=name.encode()) for name in ("b", "a", "c"))
    reply = decode(rpc.KnownSpeakersReply, encode(rpc.KnownSpeakersReply(speakers=voices)))
    assert [voice.id for voice in reply.speakers] == ["b", "a", "c"]


def test_a_voice_is_kept_for_a_day_unless_more_is_asked() -> None:
    asked = rpc.EnrolSpeakerRequest(account_id="a", name="Ann", print=b"1")
    assert decode(rpc.EnrolSpeakerRequest, encode(asked)).days == 1
