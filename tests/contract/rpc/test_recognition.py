"""Requests to recognisers: what is meant when a field is left out."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode


def test_a_track_that_asks_for_nothing_has_neither_interims_nor_speakers() -> None:
    start = rpc.StartTrack(session_id="s", track=0, epoch=1, first_utterance=1, first_sample=0)
    spec = decode(rpc.StartTrack, encode(start)).spec
    assert spec == rpc.RecogniserSpec()
    assert not spec.interim and not spec.speakers


def test_a_recogniser_that_takes_a_track_refuses_nothing() -> None:
    assert decode(rpc.TrackStarted, b"").fault is None
