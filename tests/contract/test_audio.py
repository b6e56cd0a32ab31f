"""The audio frame survives the wire and refuses what is no frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.audio import HEADER_BYTES, MAX_PCM_BYTES, AudioFrame, decode_frame, encode_frame
from dragoman_contract.errors import PeerError


@given(
    track=st.integers(0, 2**16 - 1),
    epoch=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**64 - 1),
    offset=st.integers(0, 2**64 - 1),
    samples=st.binary(max_size=64).map(lambda b: b + b),
)
def test_a_frame_is_the_same_after_the_wire(
    track: int, epoch: int, sequence: int, offset: int, samples: bytes
) -> None:
    frame = AudioFrame(track, epoch, sequence, offset, samples)
    assert decode_frame(encode_frame(frame)) == frame


@given(st.binary(max_size=64))
def test_arbitrary_bytes_are_a_frame_or_the_peers_fault(data: bytes) -> None:
    try:
        frame = decode_frame(data)
    except PeerError:
        return
    assert len(frame.pcm) == len(data) - HEADER_BYTES


@pytest.mark.parametrize("pcm", [b"\0", bytes(MAX_PCM_BYTES + 2)])
def test_half_a_sample_and_too_much_audio_are_refused(pcm: bytes) -> None:
    with pytest.raises(PeerError):
        decode_frame(encode_frame(AudioFrame(0, 1, 0, 0, pcm)))
