"""Where there is a voice, and where a cut harms least."""

import numpy as np

from dragoman_stt.endpointing import FRAME, FRAME_MS
from dragoman_stt.engines.base import HeardWord
from dragoman_stt.places import quiet_between, quietest, spans


def test_a_voice_is_a_span_of_frames_within_the_window() -> None:
    assert spans([True, False, True, True], 10, 3 * FRAME_MS) == (
        (0, FRAME_MS - 10),
        (2 * FRAME_MS - 10, 3 * FRAME_MS),
    )
    assert spans([False], 0, FRAME_MS) == ()


def test_the_quietest_place_between_two_words_is_found() -> None:
    pcm = np.full(16_000, 1000, np.int16)
    pcm[8_400:9_400] = 0
    before, after = HeardWord(" a", 200, 480, 1.0), HeardWord(" b", 560, 900, 1.0)
    assert 8_400 <= quiet_between(pcm, before, after) <= 9_400


def test_speech_that_was_not_heard_between_two_words_is_left_to_the_next_window() -> None:
    pcm = np.full(96_000, 1000, np.int16)
    before, after = HeardWord(" a", 200, 500, 1.0), HeardWord(" b", 5_000, 5_300, 1.0)
    assert quiet_between(pcm, before, after) < 1_100 * 16


def test_words_without_room_between_them_are_cut_in_the_middle() -> None:
    pcm = np.full(16_000, 1000, np.int16)
    before, after = HeardWord(" a", 500, 500, 1.0), HeardWord(" b", 500, 500, 1.0)
    assert quiet_between(pcm, before, after) == 8_000


def test_the_quietest_frame_of_the_last_half_is_behind_the_onset() -> None:
    pcm = np.full(20 * FRAME, 1000, np.int16)
    pcm[11 * FRAME : 12 * FRAME] = pcm[2 * FRAME : 3 * FRAME] = 0
    assert quietest(pcm, 0) == 11 * FRAME + FRAME // 2
    assert quietest(pcm, 14 * FRAME) > 14 * FRAME
