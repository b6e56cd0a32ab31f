"""Audio frames survive the wire, one or several in a message, and what is no frame is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.audio import MAX_PCM_BYTES, AudioFrame, decode_frames, encode_frame
from dragoman_contract.errors import PeerError

FRAMES = st.builds(
    AudioFrame,
    session_id=st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=64),
    track=st.integers(0, 2**16 - 1),
    epoch=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**64 - 1),
    sample_offset=st.integers(0, 2**64 - 1),
    pcm=st.binary(max_size=64).map(lambda b: b + b),
)


@given(st.lists(FRAMES, max_size=4))
def test_frames_are_the_same_after_the_wire(frames: list[AudioFrame]) -> None:
    assert decode_frames(b"".join(map(encode_frame, frames))) == frames


@given(st.binary(max_size=96))
def test_arbitrary_bytes_are_frames_or_the_peers_fault(data: bytes) -> None:
    try:
        frames = decode_frames(data)
    except PeerError:
        return
    assert b"".join(map(encode_frame, frames))[:1] == data[:1]


@given(st.lists(FRAMES, min_size=1, max_size=2), st.data())
def test_a_message_that_is_cut_short_is_refused(frames: list[AudioFrame], data: st.DataObject) -> None:
    whole = b"".join(map(encode_frame, frames))
    last = len(encode_frame(frames[-1]))
    cut = data.draw(st.integers(1, last - 1))
    with pytest.raises(PeerError):
        decode_frames(whole[:-cut])


@pytest.mark.parametrize("pcm", [b"\0", bytes(MAX_PCM_BYTES + 2)])
def test_half_a_sample_and_too_much_audio_are_refused(pcm: bytes) -> None:
    with pytest.raises(PeerError):
        decode_frames(encode_frame(AudioFrame("s_1", 0, 1, 0, 0, pcm)))
