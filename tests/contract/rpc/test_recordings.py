"""Pieces of recordings on the wire."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode


def test_a_piece_keeps_its_packets_apart() -> None:
    piece = rpc.AudioPiece(
        session_id="s", account_id="a", started_at_ms=1, days=1, track=0, index=0, start_frame=0,
        packets=(b"\x01", b"", b"\x02\x03"),
    )  # fmt: skip
    assert decode(rpc.AudioPiece, encode(piece)).packets == (b"\x01", b"", b"\x02\x03")


def test_a_piece_that_was_stored_has_no_problem() -> None:
    notice = rpc.AudioNotice(track=0, index=3, frames=50)
    assert decode(rpc.AudioNotice, encode(notice)).problem == ""
