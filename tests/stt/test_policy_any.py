"""What holds of every track, whatever voice activity says and however slow the engine is."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from dragoman_contract.events import Endpointing
from dragoman_stt.endpointing import FRAME, FRAME_MS, with_defaults
from dragoman_stt.listening import LOOK_BACK
from tests.support.following import follow, frames_of

CHANCES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.3, 0.5, 1.0]), st.integers(1, 40)), max_size=30
).map(lambda runs: [p for p, count in runs for _ in range(count)])
KNOBS = st.builds(
    Endpointing,
    silence_ms=st.sampled_from([0, 100, 300, 1000]),
    max_utterance_ms=st.sampled_from([0, 1000, 3000]),
    min_speech_ms=st.sampled_from([0, 32, 300]),
    speech_pad_ms=st.sampled_from([0, 32, 1000]),
    silence_window_ms=st.sampled_from([0, 200, 2000]),
)
LAGS = st.sampled_from([0, 3, 30])


# An utterance that ends, by the silence after it, while the decode that is to cut it is on its way.
@example([0.5] * 5 + [0.0] * 27, Endpointing(silence_ms=1000, max_utterance_ms=1000), 3, False)
@example([0.5] * 3 + [0.0] * 29, Endpointing(silence_ms=1000, max_utterance_ms=1000), 3, False)
@given(CHANCES, KNOBS, LAGS, st.booleans())
def test_finals_are_in_order_and_never_overlap_and_hold_the_samples_they_say(
    probabilities: list[float], wanted: Endpointing, lag: int, interim: bool
) -> None:
    run = follow(probabilities, wanted, end=True, lag=lag, interim=interim)
    assert [f.utterance for f in run.finals] == list(range(1, len(run.finals) + 1))
    end = 0
    for final in run.finals:
        assert end <= final.start <= final.onset <= final.speech_end <= final.covered
        end = final.covered
    for request in run.requests:
        first = request.start // FRAME
        assert request.start % FRAME or frames_of(request)[:1] == [first]


@given(CHANCES, KNOBS, LAGS, st.booleans())
def test_every_frame_of_speech_after_an_onset_is_in_a_final(
    probabilities: list[float], wanted: Endpointing, lag: int, interim: bool
) -> None:
    run = follow(probabilities, wanted, end=True, lag=lag, interim=interim)
    begun = [a.at for a in run.activity if a.speaking]
    ended = [a.at for a in run.activity if not a.speaking]
    for onset, speech_end in zip(begun, ended, strict=True):
        inside = sorted(
            (f.start, f.covered) for f in run.finals if f.covered > onset and f.start < speech_end
        )
        assert inside[0][0] <= onset
        assert inside[-1][1] >= speech_end
        assert all(before[1] == after[0] for before, after in pairwise(inside))


@given(CHANCES, KNOBS, LAGS)
def test_covered_never_goes_back_nor_past_what_is_not_final(
    probabilities: list[float], wanted: Endpointing, lag: int
) -> None:
    run = follow(probabilities, wanted, end=True, lag=lag)
    assert run.covered == sorted(run.covered)
    for number, covered in enumerate(run.covered):
        later = [f for f in run.finals if f.covered > (number + 1) * FRAME]
        assert not later or covered <= later[0].start


@given(CHANCES, KNOBS)
def test_the_audio_held_is_bounded(probabilities: list[float], wanted: Endpointing) -> None:
    run = follow(probabilities, wanted)
    knobs = with_defaults(wanted)
    most = knobs.max_utterance_ms + LOOK_BACK * FRAME_MS + knobs.min_speech_ms + knobs.silence_ms
    assert run.held * FRAME_MS <= most + 4 * FRAME_MS
