"""Records of kept sessions: each has one content."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode


def test_a_record_has_only_the_content_that_was_set() -> None:
    sentence = rpc.KeptSentence(track=1, utterance=2, text="Hello.")
    record = rpc.KeptRecord(session_id="s", account_id="a", started_at_ms=1, days=30, sentence=sentence)
    kept = decode(rpc.KeptRecord, encode(record))
    assert kept.sentence == sentence
    assert (kept.begun, kept.translation, kept.change, kept.ended) == (None, None, None, None)
