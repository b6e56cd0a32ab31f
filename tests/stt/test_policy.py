"""Utterances from made-up voice-activity probabilities."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.events import Endpointing
from dragoman_stt.policy import (
    DEFAULTS,
    FRAME,
    FRAME_MS,
    INTERIM_EVERY_MS,
    TAIL_MS,
    Activity,
    Policy,
    Window,
    agreed,
    with_defaults,
)

SPEECH, SILENCE = 0.9, 0.0
PAD = DEFAULTS.speech_pad_ms // FRAME_MS
TAIL = TAIL_MS // FRAME_MS
ENDPOINT = -(-DEFAULTS.silence_ms // FRAME_MS)
ONSET = DEFAULTS.min_speech_ms // FRAME_MS


@dataclass
class Outcome:
    """What a policy said, and the most frames that it held."""

    policy: Policy
    finals: list[Window] = field(default_factory=list)
    ahead: list[Window] = field(default_factory=list)
    interims: list[Window] = field(default_factory=list)
    activity: list[Activity] = field(default_factory=list)
    held: int = 0
    covered: list[int] = field(default_factory=list)

    def take(self, items: list[Window | Activity]) -> None:
        """Sort what came."""
        for item in items:
            if isinstance(item, Activity):
                self.activity.append(item)
            else:
                (self.ahead if item.speculative else self.finals).append(item)


def numbered(index: int) -> np.ndarray:
    """A frame whose samples are its number, so that a lost or doubled frame is seen."""
    return np.full(FRAME, index % 30_000, np.int16)


def follow(
    probabilities: list[float], wanted: Endpointing | None = None, first: int = 0, flush: bool = False
) -> Outcome:
    """Feed numbered frames with these probabilities."""
    outcome = Outcome(Policy(wanted or Endpointing(), first))
    for index, probability in enumerate(probabilities):
        outcome.take(outcome.policy.feed(numbered(index), probability))
        if (interim := outcome.policy.interim()) is not None:
            outcome.interims.append(interim)
        outcome.held = max(outcome.held, len(outcome.policy._frames))
        outcome.covered.append(outcome.policy.covered)
    if flush:
        outcome.take(outcome.policy.flush())
    return outcome


def frames_of(window: Window) -> list[int]:
    """The numbers of the frames in a window."""
    return [int(n) for n in window.pcm[::FRAME]]


def test_an_utterance_begins_with_its_pad_and_ends_behind_its_tail() -> None:
    outcome = follow([SILENCE] * 40 + [SPEECH] * 20 + [SILENCE] * 40)
    (window,) = outcome.finals
    assert frames_of(window) == list(range(40 - PAD, 60 + TAIL))
    assert window.start == (40 - PAD) * FRAME
    assert window.speech_end == 60 * FRAME
    assert window.covered == (60 + TAIL) * FRAME
    assert outcome.activity == [Activity(True, 40 * FRAME), Activity(False, 60 * FRAME)]


def test_samples_are_counted_from_the_first_sample_of_the_track() -> None:
    outcome = follow([SPEECH] * 10 + [SILENCE] * 40, first=1_000_000)
    assert outcome.finals[0].start == 1_000_000


def test_the_endpoint_comes_after_the_silence_and_not_before() -> None:
    speech = [SILENCE] * 20 + [SPEECH] * 20
    assert not follow(speech + [SILENCE] * (ENDPOINT - 1)).finals
    assert len(follow(speech + [SILENCE] * ENDPOINT).finals) == 1


def test_a_pause_shorter_than_the_endpoint_does_not_end_the_utterance() -> None:
    outcome = follow([SPEECH] * 10 + [SILENCE] * (ENDPOINT - 1) + [SPEECH] * 10 + [SILENCE] * 40)
    assert len(outcome.finals) == 1
    assert len(outcome.ahead) == 2


def test_the_speculative_window_is_the_one_that_closes() -> None:
    outcome = follow([SILENCE] * 20 + [SPEECH] * 20 + [SILENCE] * 40)
    (ahead,), (final,) = outcome.ahead, outcome.finals
    assert (ahead.start, ahead.covered, ahead.speech_end) == (final.start, final.covered, final.speech_end)
    assert np.array_equal(ahead.pcm, final.pcm)


def test_a_click_is_no_utterance() -> None:
    outcome = follow(([SPEECH] * (ONSET - 1) + [SILENCE] * 5) * 10, flush=True)
    assert not outcome.finals
    assert not outcome.activity


def test_a_too_long_utterance_is_cut_at_its_quietest_place_and_no_frame_is_lost_or_doubled() -> None:
    spoken = [SPEECH] * 130
    spoken[45] = 0.3  # quiet, and still speech
    outcome = follow(spoken, Endpointing(max_utterance_ms=50 * FRAME_MS), flush=True)
    assert frames_of(outcome.finals[0]) == list(range(46))
    assert [n for w in outcome.finals for n in frames_of(w)] == list(range(130))
    for before, after in zip(outcome.finals, outcome.finals[1:], strict=False):
        assert before.covered == after.start


def test_flush_ends_the_open_utterance_at_once() -> None:
    outcome = follow([SPEECH] * 10, flush=True)
    assert frames_of(outcome.finals[0]) == list(range(10))
    assert not outcome.policy.speaking
    assert outcome.policy.flush() == []


def test_covered_stays_at_the_beginning_of_an_open_utterance() -> None:
    outcome = follow([SILENCE] * 40 + [SPEECH] * 100)
    assert outcome.policy.covered == (40 - PAD) * FRAME


def test_interims_show_the_whole_open_utterance_at_their_pace() -> None:
    outcome = follow([SPEECH] * 100)
    assert {w.start for w in outcome.interims} == {0}
    lengths = [len(w.pcm) // FRAME for w in outcome.interims]
    step = -(-INTERIM_EVERY_MS // FRAME_MS)
    assert lengths == list(range(step, 101, step))
    assert not any(w.final for w in outcome.interims)


def test_no_interim_is_wanted_in_the_pause_before_the_endpoint() -> None:
    outcome = follow([SPEECH] * 10 + [SILENCE] * 100, Endpointing(silence_ms=5000))
    assert [len(w.pcm) // FRAME for w in outcome.interims if len(w.pcm) // FRAME > 10 + TAIL] == []


# Knobs


def test_zero_means_the_default() -> None:
    filled = with_defaults(Endpointing())
    assert replace(filled, first_min_speech_ms=0, silence_threshold=DEFAULTS.silence_threshold) == DEFAULTS
    assert filled.silence_threshold == pytest.approx(DEFAULTS.silence_threshold)
    assert filled.first_min_speech_ms == DEFAULTS.min_speech_ms


def test_a_higher_speech_threshold_hears_less() -> None:
    said = [0.5] * 20 + [SILENCE] * 40
    assert follow(said).finals
    assert not follow(said, Endpointing(speech_threshold=0.6)).finals


def test_a_higher_silence_threshold_ends_earlier() -> None:
    said = [SPEECH] * 10 + [0.3] * 40
    assert not follow(said).finals
    assert follow(said, Endpointing(silence_threshold=0.35)).finals


def test_silence_ms_moves_the_endpoint() -> None:
    said = [SPEECH] * 10 + [SILENCE] * 30
    assert not follow(said, Endpointing(silence_ms=1000)).finals
    assert follow(said, Endpointing(silence_ms=900)).finals


def test_the_initial_part_of_a_track_can_be_ignored() -> None:
    outcome = follow([SPEECH] * 100, Endpointing(ignore_initial_ms=50 * FRAME_MS))
    assert outcome.activity == [Activity(True, 50 * FRAME)]


def test_quiet_frames_count_as_silence_below_the_volume_that_is_wanted() -> None:
    policy = Policy(Endpointing(min_volume_db=-30), 0)
    quiet, loud = np.full(FRAME, 100, np.int16), np.full(FRAME, 8000, np.int16)
    assert not [item for _ in range(20) for item in policy.feed(quiet, SPEECH)]
    assert [item for _ in range(20) for item in policy.feed(loud, SPEECH)] == [Activity(True, 20 * FRAME)]


def test_only_the_first_utterance_must_be_longer() -> None:
    wanted = Endpointing(first_min_speech_ms=10 * FRAME_MS)
    short = [SPEECH] * ONSET + [SILENCE] * 40
    assert not follow(short * 3, wanted).finals
    assert len(follow([SPEECH] * 10 + [SILENCE] * 40 + short, wanted).finals) == 2


def test_a_smaller_pad_keeps_less_before_the_speech() -> None:
    outcome = follow([SILENCE] * 40 + [SPEECH] * 10, Endpointing(speech_pad_ms=2 * FRAME_MS), flush=True)
    assert outcome.finals[0].start == 38 * FRAME


def test_silence_is_counted_within_its_window_although_clicks_interrupt_it() -> None:
    clicking = [SILENCE] * 40 + [SPEECH] * 10 + ([SILENCE] * 5 + [SPEECH]) * 20
    wanted = Endpointing(silence_ms=10 * FRAME_MS)
    assert not follow(clicking, wanted).finals
    windowed = replace(wanted, silence_window_ms=14 * FRAME_MS)
    assert follow(clicking, windowed).finals
    assert frames_of(follow(clicking, windowed).finals[0])[-1] <= 62


def test_the_silence_before_the_speech_is_not_counted_in_the_silence_window() -> None:
    wanted = Endpointing(silence_ms=5 * FRAME_MS, silence_window_ms=50 * FRAME_MS)
    assert not follow([SILENCE] * 40 + [SPEECH] * 10, wanted).finals


# For any probabilities

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


@given(CHANCES, KNOBS)
def test_finals_are_in_order_and_never_overlap_and_hold_the_samples_they_say(
    probabilities: list[float], wanted: Endpointing
) -> None:
    outcome = follow(probabilities, wanted, flush=True)
    end = 0
    for window in outcome.finals:
        assert window.start >= end
        end = window.start + len(window.pcm)
        first = window.start // FRAME
        assert frames_of(window) == list(range(first, first + len(window.pcm) // FRAME))
        assert window.covered >= end
        assert window.speech_end <= end


@given(CHANCES, KNOBS)
def test_every_frame_of_an_onset_is_in_a_final(probabilities: list[float], wanted: Endpointing) -> None:
    outcome = follow(probabilities, wanted, flush=True)
    said = {n for window in outcome.finals for n in frames_of(window)}
    starts = [a.at // FRAME for a in outcome.activity if a.speaking]
    assert all(start in said for start in starts)


@given(CHANCES, KNOBS)
def test_covered_never_goes_back_nor_past_an_open_utterance(
    probabilities: list[float], wanted: Endpointing
) -> None:
    outcome = follow(probabilities, wanted, flush=True)
    assert outcome.covered == sorted(outcome.covered)
    for number, covered in enumerate(outcome.covered):
        later = [w for w in outcome.finals if w.covered > (number + 1) * FRAME]
        assert not later or covered <= later[0].start


@given(CHANCES, KNOBS)
def test_the_frames_held_are_bounded(probabilities: list[float], wanted: Endpointing) -> None:
    outcome = follow(probabilities, wanted)
    e = outcome.policy.endpointing
    assert outcome.held * FRAME_MS <= e.max_utterance_ms + e.speech_pad_ms + e.min_speech_ms + 2 * FRAME_MS


# Agreement


@pytest.mark.parametrize(
    ("previous", "current", "stable"),
    [
        ("", "hello", ""),
        ("the quick", "the quick brown", "the quick"),
        ("The quick, brown", "the quick brown fox", "the quick brown"),
        ("the thick brown", "the quick brown", "the"),
        ("a b c", "x b c", ""),
    ],
)
def test_what_two_hypotheses_agree_on_is_stable(previous: str, current: str, stable: str) -> None:
    assert current[: agreed(previous, current)] == stable
