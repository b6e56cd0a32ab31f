"""When utterances begin and end, and how an account's knobs change that."""

from dataclasses import replace

import numpy as np

from dragoman_contract.events import Endpointing
from dragoman_stt.decodes import Activity, Kind
from dragoman_stt.endpointing import DEFAULTS, FRAME, FRAME_MS, with_defaults
from dragoman_stt.listening import LOOK_BACK
from tests.support.following import (
    ENDPOINT,
    ONSET,
    PAD,
    PAUSE,
    SILENCE,
    SPEECH,
    TAIL,
    Run,
    begin,
    follow,
    frames_of,
)


def test_an_utterance_begins_with_its_pad_and_ends_behind_its_tail() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 20 + [SILENCE] * 40)
    (window,) = run.requests
    assert frames_of(window) == list(range(40 - PAD, 60 + PAUSE))
    (final,) = run.finals
    assert final.start == (40 - PAD) * FRAME
    assert (final.onset, final.speech_end) == (40 * FRAME, 60 * FRAME)
    assert final.covered == (60 + TAIL) * FRAME
    assert run.activity == [Activity(True, 40 * FRAME), Activity(False, 60 * FRAME)]


def test_samples_are_counted_from_the_first_sample_of_the_track() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * 40, first=1_000_001)
    assert run.finals[0].start == 1_000_001


def test_the_endpoint_comes_after_the_silence_and_not_before() -> None:
    speech = [SILENCE] * 20 + [SPEECH] * 20
    assert not follow(speech + [SILENCE] * (ENDPOINT - 1)).finals
    assert len(follow(speech + [SILENCE] * ENDPOINT).finals) == 1


def test_a_pause_shorter_than_the_endpoint_does_not_end_the_utterance() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * (ENDPOINT - 1) + [SPEECH] * 10 + [SILENCE] * 40)
    assert len(run.finals) == 1
    assert len(run.windows(Kind.SPECULATIVE)) == 2


def test_a_final_that_was_decoded_in_the_pause_is_out_at_the_endpoint() -> None:
    run = follow([SILENCE] * 20 + [SPEECH] * 20 + [SILENCE] * ENDPOINT)
    assert [r.kind for r in run.requests] == [Kind.SPECULATIVE]
    assert len(run.finals) == 1


def test_a_decode_that_is_still_running_at_the_endpoint_is_used_when_it_comes() -> None:
    run = follow([SILENCE] * 20 + [SPEECH] * 20 + [SILENCE] * 60, lag=20)
    assert [r.kind for r in run.requests] == [Kind.SPECULATIVE]
    assert len(run.finals) == 1


def test_a_decode_of_a_pause_after_which_speech_went_on_is_not_the_final() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * TAIL + [SPEECH] * 10 + [SILENCE] * 60, lag=8)
    assert len(run.finals) == 1
    assert frames_of(run.requests[-1]) == list(range(20 + TAIL + PAUSE))


def test_a_click_is_no_utterance() -> None:
    run = follow(([SPEECH] * (ONSET - 1) + [SILENCE] * 5) * 10, end=True)
    assert not run.requests
    assert not run.activity


def test_flush_ends_the_open_utterance_at_once() -> None:
    run = follow([SPEECH] * 10, end=True)
    assert frames_of(run.requests[-1]) == list(range(10))
    assert len(run.finals) == 1
    assert run.policy.flush() == []


def test_covered_stays_at_the_beginning_of_an_open_utterance() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 100)
    assert run.policy.covered == (40 - PAD) * FRAME


def test_zero_means_the_default() -> None:
    filled = with_defaults(Endpointing())
    assert replace(filled, first_min_speech_ms=0) == DEFAULTS
    assert filled.first_min_speech_ms == DEFAULTS.min_speech_ms


def test_an_utterance_is_never_longer_than_an_engine_can_decode() -> None:
    assert with_defaults(Endpointing(max_utterance_ms=600_000)).max_utterance_ms < 30_000


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


def test_an_endpoint_sooner_than_the_pause_is_obeyed() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * 5, Endpointing(silence_ms=4 * FRAME_MS))
    assert [r.kind for r in run.requests] == [Kind.FINAL]
    assert run.finals[0].covered == 14 * FRAME


def test_the_initial_part_of_a_track_can_be_ignored() -> None:
    run = follow([SPEECH] * 100, Endpointing(ignore_initial_ms=50 * FRAME_MS))
    assert run.activity == [Activity(True, 50 * FRAME)]


def test_quiet_frames_count_as_silence_below_the_volume_that_is_wanted() -> None:
    policy = begin(Endpointing(min_volume_db=-30))
    quiet, loud = np.full(FRAME, 100, np.int16), np.full(FRAME, 8000, np.int16)
    assert not [item for _ in range(20) for item in policy.feed(quiet, SPEECH)]
    assert [item for _ in range(20) for item in policy.feed(loud, SPEECH)] == [Activity(True, 20 * FRAME)]


def test_only_the_first_utterance_must_be_longer() -> None:
    wanted = Endpointing(first_min_speech_ms=10 * FRAME_MS)
    short = [SPEECH] * ONSET + [SILENCE] * 40
    assert not follow(short * 3, wanted).finals
    assert len(follow([SPEECH] * 10 + [SILENCE] * 40 + short, wanted).finals) == 2


def test_a_smaller_pad_keeps_less_before_the_speech() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 10, Endpointing(speech_pad_ms=2 * FRAME_MS), end=True)
    assert run.finals[0].start == 38 * FRAME


def test_silence_is_counted_within_its_window_although_clicks_interrupt_it() -> None:
    clicking = [SILENCE] * 40 + [SPEECH] * 10 + ([SILENCE] * 5 + [SPEECH]) * 20
    wanted = Endpointing(silence_ms=10 * FRAME_MS)
    assert not follow(clicking, wanted).finals
    windowed = replace(wanted, silence_window_ms=14 * FRAME_MS)
    assert follow(clicking, windowed).finals


def test_the_silence_before_the_speech_is_not_counted_in_the_silence_window() -> None:
    wanted = Endpointing(silence_ms=5 * FRAME_MS, silence_window_ms=50 * FRAME_MS)
    assert not follow([SILENCE] * 40 + [SPEECH] * 10, wanted).finals


def test_speech_is_told_only_after_as_much_as_interrupts() -> None:
    wanted = Endpointing(interrupt_min_speech_ms=10 * FRAME_MS)
    run = follow([SPEECH] * 9 + [SILENCE] * 40 + [SPEECH] * 12 + [SILENCE] * 40, wanted)
    assert len(run.finals) == 2
    assert run.activity == [Activity(True, 49 * FRAME), Activity(False, 61 * FRAME)]


def test_pauses_do_not_count_as_speech_that_interrupts() -> None:
    wanted = Endpointing(interrupt_min_speech_ms=10 * FRAME_MS)
    run = follow(([SPEECH] * 4 + [SILENCE] * 2) * 2 + [SILENCE] * 40, wanted)
    assert len(run.finals) == 1 and not run.activity


def test_speech_that_voice_activity_doubts_before_an_onset_is_heard_too() -> None:
    run = follow([SILENCE] * 60 + [0.15] * 30 + [SPEECH] * 20 + [SILENCE] * 40)
    assert run.finals[0].start == 60 * FRAME
    assert run.finals[0].onset == 90 * FRAME


def test_sound_as_loud_as_the_speech_after_it_is_heard_too() -> None:
    policy, loud, hush = begin(), np.full(FRAME, 3000, np.int16), np.zeros(FRAME, np.int16)
    run = Run(policy)
    for frame, probability in [(hush, SILENCE)] * 60 + [(loud, 0.02)] * 30 + [(loud, SPEECH)] * 10:
        run.feed(frame, probability)
    run.end()
    assert run.finals[0].start == 60 * FRAME


def test_what_lies_long_before_an_onset_is_not_looked_for() -> None:
    run = follow([0.15] * 200 + [SPEECH] * 20 + [SILENCE] * 40)
    assert run.finals[0].start == (200 + ONSET - LOOK_BACK) * FRAME


def test_a_client_that_says_how_much_is_kept_before_speech_is_obeyed() -> None:
    own = Endpointing(speech_pad_ms=2 * FRAME_MS)
    run = follow([SILENCE] * 60 + [0.15] * 30 + [SPEECH] * 20 + [SILENCE] * 40, own)
    assert run.finals[0].start == 88 * FRAME
