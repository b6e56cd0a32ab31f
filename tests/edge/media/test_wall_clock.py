"""Times of a stream by the clock."""

from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_edge.media import wall_clock as module
from dragoman_edge.media.wall_clock import WallClock
from tests.support.broadcasts import transcript


def paused() -> WallClock:
    clock = WallClock()
    clock.pause(16_000, 2.0)
    clock.pause(48_000, 0.5)
    return clock


def test_audio_after_a_pause_was_spoken_later() -> None:
    assert [paused().at(ms) for ms in (0, 999, 1000, 2999, 3000)] == [0, 999, 3000, 4999, 5500]
    assert WallClock().at(77) == 77


def test_an_utterance_lies_behind_the_pauses_before_its_end() -> None:
    words = (ev.Word(text="one", start_ms=1100, end_ms=1400, probability=1.0),)
    heard = replace(transcript("one"), start_ms=950, duration_ms=500, words=words)
    shown = paused().shifted(heard)
    assert (shown.start_ms, shown.duration_ms) == (2950, 500)
    assert [(word.start_ms, word.end_ms) for word in shown.words] == [(3100, 3400)]
    first = replace(transcript("one"), start_ms=0, duration_ms=1000)
    assert paused().shifted(first) is first and WallClock().shifted(heard) is heard


def test_another_edge_goes_on_with_the_pauses() -> None:
    clock = WallClock()
    clock.restore(paused().snapshot())
    clock.pause(64_000, 1.0)
    assert [clock.at(ms) for ms in (3000, 4000)] == [5500, 7500]


def test_only_so_many_are_known_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    clock = WallClock()
    for second in range(10):
        clock.pause(16_000 * (second + 1), 1.0)
    assert len(clock.snapshot()) == 3 and clock.at(10_000) == 20_000
