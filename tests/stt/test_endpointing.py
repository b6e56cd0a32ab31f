"""Where speech begins, pauses and ends, frame by frame."""

import numpy as np
import pytest

from dragoman_contract.events import Endpointing
from dragoman_stt.endpointing import (
    DEFAULTS,
    FRAME,
    FRAME_MS,
    LONGEST_MS,
    PAUSE_MS,
    SHORTEST_MS,
    Endpointer,
    Signal,
    levels_db,
    with_defaults,
)  # fmt: skip

QUIET, LOUD = np.zeros(FRAME, np.int16), np.full(FRAME, 8000, np.int16)
PAUSE, END = PAUSE_MS // FRAME_MS, -(-DEFAULTS.silence_ms // FRAME_MS)


def signals(pointer: Endpointer, pattern: str) -> list[tuple[int, Signal]]:
    """Of frames with speech (x) or without (.), what each changed and where."""
    found: list[tuple[int, Signal]] = []
    for number, sign in enumerate(pattern):
        signal = pointer.step(LOUD, 0.9 if sign == "x" else 0.1, (number + 1) * FRAME)
        if signal is not Signal.NOTHING:
            found.append((number, signal))
    return found


def test_an_utterance_begins_after_enough_speech_and_ends_after_enough_silence() -> None:
    found = signals(Endpointer(Endpointing()), "..xxxx" + "." * 20)
    assert found == [(4, Signal.ONSET), (5 + PAUSE, Signal.PAUSE), (5 + END, Signal.ENDPOINT)]


def test_a_click_is_no_speech_and_a_breath_no_end() -> None:
    assert signals(Endpointer(Endpointing()), "x..xx..x....") == []
    assert [signal for _, signal in signals(Endpointer(Endpointing()), "xxxx" + ("." * 3 + "x") * 5)] == [
        Signal.ONSET
    ]


def test_silence_may_be_counted_within_a_window() -> None:
    pattern = "xxxx" + "...x" * 12
    assert Signal.ENDPOINT not in [s for _, s in signals(Endpointer(Endpointing()), pattern)]
    knobs = Endpointing(silence_ms=320, silence_window_ms=640)
    assert Signal.ENDPOINT in [s for _, s in signals(Endpointer(knobs), pattern)]


def test_the_first_utterance_may_need_more_speech() -> None:
    pattern = "xxxx" + "." * 20 + "xxx"
    found = signals(
        Endpointer(Endpointing(first_min_speech_ms=6 * FRAME_MS)), "xxxx...xxxxxx" + "." * 20 + "xxx"
    )
    assert [number for number, signal in found if signal is Signal.ONSET] == [12, 35]
    assert len([s for _, s in signals(Endpointer(Endpointing()), pattern) if s is Signal.ONSET]) == 2


def test_the_beginning_of_a_session_and_quiet_frames_may_be_left_out() -> None:
    initial = Endpointer(Endpointing(ignore_initial_ms=10 * FRAME_MS))
    assert signals(initial, "x" * 14)[0][0] == 12
    distant = Endpointer(Endpointing(min_volume_db=-20.0))
    assert all(distant.step(QUIET, 0.9, 0) is Signal.NOTHING for _ in range(10))
    loud, quiet = levels_db([LOUD, QUIET])
    assert loud == pytest.approx(-12.2, abs=0.1) and quiet < -100


def test_an_interruption_needs_so_much_speech() -> None:
    pointer = Endpointer(Endpointing(interrupt_min_speech_ms=6 * FRAME_MS))
    signals(pointer, "xxxx")
    assert not pointer.interrupts
    signals(pointer, "xx")
    assert pointer.interrupts


def test_it_is_tuned_and_reset_in_the_middle() -> None:
    pointer = Endpointer(Endpointing())
    signals(pointer, "xxxx")
    pointer.tune(Endpointing(silence_ms=2 * FRAME_MS))
    assert (1, Signal.ENDPOINT) in signals(pointer, "..")
    signals(pointer, "xxxx")
    pointer.reset()
    assert not pointer.speaking and pointer.run == 0


def test_knobs_have_defaults_and_bounds() -> None:
    plain = with_defaults(Endpointing())
    assert (plain.silence_ms, plain.silence_threshold) == (DEFAULTS.silence_ms, DEFAULTS.silence_threshold)
    assert plain.first_min_speech_ms == plain.min_speech_ms
    assert with_defaults(Endpointing(max_utterance_ms=1)).max_utterance_ms == SHORTEST_MS
    assert with_defaults(Endpointing(max_utterance_ms=10**6)).max_utterance_ms == LONGEST_MS
    assert with_defaults(Endpointing(speech_threshold=0.1)).silence_threshold == 0.05
    assert with_defaults(Endpointing(speech_threshold=0.6)).silence_threshold == pytest.approx(0.45)
