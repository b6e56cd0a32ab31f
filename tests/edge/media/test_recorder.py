"""Audio cut into pieces: nothing lost, everything at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_edge.media.opus import DELAY, FRAME
from dragoman_edge.media.recorder import FRAME_BYTES, MOST_FRAMES, Cut, Place, TrackRecorder

LONG = MOST_FRAMES * FRAME


def laid_out(cuts: list[Cut]) -> bytes:
    """The pieces at their places."""
    made = bytearray()
    for cut in cuts:
        assert len(cut.pcm) % FRAME_BYTES == 0 and 0 < len(cut.pcm) <= MOST_FRAMES * FRAME_BYTES
        start = cut.start * FRAME_BYTES
        assert start >= len(made)  # they do not overlap
        made += bytes(start - len(made)) + cut.pcm
    return bytes(made)


def tone(samples: int, first: int = 1) -> bytes:
    return b"".join((1 + (first + n) % 30_000).to_bytes(2, "little") for n in range(samples))


# gap before it and length of each message, in samples
MESSAGES = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 700, LONG, LONG + 1, 3 * LONG + 7]), st.integers(1, 9000)),
    min_size=1,
    max_size=12,
)


@given(MESSAGES, st.integers(1, MOST_FRAMES))
def test_every_sample_is_at_its_place_by_the_clock(messages: list[tuple[int, int]], first: int) -> None:
    recorder, cuts, wanted, at = TrackRecorder(first), [], bytearray(), 0
    for gap, length in messages:
        at += gap
        pcm = tone(length, at)
        cuts += recorder.take(at, pcm)
        wanted += bytes(2 * at - len(wanted)) + pcm
        at += length
    cuts += recorder.finish()
    made = laid_out(cuts)
    assert made[: len(wanted)] == wanted and not any(made[len(wanted) :])
    assert len(made) >= len(wanted) + 2 * DELAY
    assert [cut.end_sample for cut in cuts] == [0] * (len(cuts) - 1) + [at]
    silent = sum(cut.silence for cut in cuts)
    assert silent == cuts[-1].start + len(cuts[-1].pcm) // FRAME_BYTES - sum(
        len(cut.pcm) // FRAME_BYTES for cut in cuts
    )


@given(MESSAGES, MESSAGES)
def test_another_edge_goes_on_at_the_very_sample(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    recorder, cuts, wanted, at = TrackRecorder(), [], bytearray(), 0
    for part in (before, after):
        for _, length in part:
            pcm = tone(length, at)
            cuts += recorder.take(at, pcm)
            wanted += pcm
            at += length
        if part is before:
            rest, place = recorder.hand_over()
            cuts, recorder = cuts + rest, TrackRecorder(place=place)
    made = laid_out(cuts + recorder.finish())
    assert made[: len(wanted)] == wanted


def test_the_audio_before_warms_up_the_next_encoder() -> None:
    recorder, pcm = TrackRecorder(), tone(2 * FRAME + 5)
    recorder.take(0, pcm)
    _, place = recorder.hand_over()
    assert place == Place(2, pcm[FRAME_BYTES : 2 * FRAME_BYTES], pcm[2 * FRAME_BYTES :])
    after = TrackRecorder(place=place)
    after.take(2 * FRAME + 5, tone(FRAME))
    (cut,) = after.finish()
    assert cut.warm_up == place.warm_up and cut.start == 2


@pytest.mark.parametrize("message", [160, 320, FRAME, 3 * FRAME])
def test_audio_that_comes_again_warms_up_an_encoder_that_has_heard_nothing(message: int) -> None:
    """Its edge was killed: only the place is known, and the client sends a frame more."""
    place = Place(80)
    assert place.needed_from == 79 * FRAME
    recorder, pcm, cuts = TrackRecorder(place=place), tone(3 * FRAME, 79 * FRAME), []
    for at in range(0, 3 * FRAME, message):
        cuts += recorder.take(79 * FRAME + at, pcm[2 * at : 2 * (at + message)])
    (cut,) = cuts + recorder.finish()
    assert (cut.start, cut.silence, cut.warm_up) == (80, 0, pcm[:FRAME_BYTES])
    assert cut.pcm[: 2 * FRAME_BYTES] == pcm[FRAME_BYTES:]


def test_where_audio_is_needed_from() -> None:
    assert Place().needed_from == 0
    assert Place(2, b"warm", bytes(20)).needed_from == 2 * FRAME + 10
    assert Place(2, b"", bytes(20)).needed_from == 2 * FRAME + 10


def test_what_was_lost_after_audio_that_came_again_is_no_silence_of_the_client() -> None:
    recorder = TrackRecorder(place=Place(80))
    recorder.take(79 * FRAME, tone(FRAME))
    recorder.take(160 * FRAME, tone(FRAME))
    (cut,) = recorder.finish()
    assert (cut.start, cut.silence) == (160, 0)


def test_audio_that_comes_again_is_recorded_once() -> None:
    recorder, pcm = TrackRecorder(), tone(5000)
    cuts = recorder.take(0, pcm) + recorder.take(3000, pcm[6000:]) + recorder.take(2000, pcm[4000:4800])
    assert laid_out(cuts + recorder.finish())[:10_000] == pcm


def test_what_was_lost_between_two_edges_is_no_silence_of_the_client() -> None:
    recorder = TrackRecorder(place=Place(80))
    recorder.take(160 * FRAME, tone(FRAME))
    (cut,) = recorder.finish()
    assert (cut.start, cut.silence) == (160, 0)


def test_a_track_without_audio_has_no_pieces() -> None:
    assert TrackRecorder().finish() == []
