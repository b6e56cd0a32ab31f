"""Gaps, bounds and the cursor: nothing is waited for for ever, nothing grows, and another edge can go on."""

import json
from collections.abc import Sized
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from tests.support.mesh_events import (
    LANGUAGES,
    WAIT_MS,
    chunk,
    ended,
    feed,
    final,
    heartbeat,
    interim,
    made,
    of_epoch,
    places,
    translation,
)  # fmt: skip

TIMEOUT = FaultCode.TIMEOUT


def test_a_gap_is_filled_after_the_wait_and_what_comes_late_is_dropped() -> None:
    order = made()
    feed(order, final(1), final(2), translation(2))
    assert order.expire(WAIT_MS - 1) == []
    lost, following = order.expire(WAIT_MS)
    assert isinstance(lost, ev.Failure)
    assert (lost.utterance, lost.stage, lost.code) == (1, ev.Stage.TRANSLATION, FaultCode.TIMEOUT)
    assert following == translation(2)
    assert feed(order, translation(1)) == []


def test_a_missing_transcript_is_waited_for_only_so_long() -> None:
    order = made()
    feed(order, final(2))
    lost, following = order.expire(WAIT_MS)
    assert isinstance(lost, ev.Failure)
    assert (lost.stage, lost.utterance, following) == (ev.Stage.STT, 1, final(2))


def test_too_much_held_fails_the_oldest_gap_at_once() -> None:
    order = ReorderBuffer(tracks=[0], max_wait_ms=10**9, max_held=10)
    out = feed(order, *(final(n) for n in range(2, 14)))
    assert isinstance(out[0], ev.Failure)
    assert out[1] == final(2)


def test_a_transcript_is_missing_from_the_first_sign_of_it_on() -> None:
    order = made()
    feed(order, translation(2), now=5)
    feed(order, final(2), now=300)
    assert order.expire(4 + WAIT_MS) == []
    assert places(order.expire(5 + WAIT_MS)) == [
        (TIMEOUT, 1, ""), ("Transcript", 2, ""), ("Translation", 2, "es"),
    ]  # fmt: skip


def test_the_last_transcript_is_missing_when_the_end_says_so() -> None:
    order = made()
    feed(order, ended(2), final(1, languages=()), now=7)
    assert order.expire(6 + WAIT_MS) == []
    lost, end = order.expire(7 + WAIT_MS)
    assert (places([lost]), end) == ([(TIMEOUT, 2, "")], ended(2))
    assert order.complete


def test_what_was_lost_at_the_same_time_is_given_up_at_the_same_time() -> None:
    order = made()
    feed(order, *(final(n) for n in (1, 2, 3, 4)), translation(2), translation(4), now=0)
    out = order.expire(WAIT_MS)
    assert places(out) == [
        (TIMEOUT, 1, "es"), ("Translation", 2, "es"), (TIMEOUT, 3, "es"), ("Translation", 4, "es"),
    ]  # fmt: skip


def test_a_slow_stream_that_moves_is_not_given_up() -> None:
    order = made()
    feed(order, *(final(n) for n in (1, 2, 3)), now=0)
    feed(order, translation(1), now=900)
    assert order.expire(900 + WAIT_MS - 1) == []
    feed(order, chunk(1, 0, 1, 3), now=1800)
    assert places(order.expire(900 + WAIT_MS)) == [(TIMEOUT, 2, "es"), (TIMEOUT, 3, "es")]
    assert order.expire(1800 + WAIT_MS - 1) == []
    assert places(order.expire(1800 + WAIT_MS)) == [(TIMEOUT, 1, "es")]


def test_broken_off_speech_is_given_up_and_the_next_goes_on() -> None:
    order = made()
    feed(order, final(1), final(2), translation(1), translation(2), chunk(1, 0, 1, 3), chunk(2, 0, 1, 1))
    lost, following = order.expire(WAIT_MS)
    assert (lost.stage, lost.utterance, following) == (ev.Stage.TTS, 1, chunk(2, 0, 1, 1))  # type: ignore[union-attr]
    assert feed(order, chunk(1, 1, 3, 3)) == []
    assert (order.gaps_filled, order.late_dropped) == (1, 1)


def test_a_translation_that_is_given_up_takes_its_speech_with_it() -> None:
    order = made()
    feed(order, final(1), chunk(1, 0, 1, 1), ended(1))
    assert places(order.expire(WAIT_MS)) == [(TIMEOUT, 1, "es"), ("TrackEnded", 0, "")]
    assert order.held == 0


def test_nothing_is_waited_for_that_was_not_announced() -> None:
    order = made()
    feed(order, interim(1, 1), heartbeat(5))
    assert order.expire(10**9) == []


def test_too_much_held_fails_only_the_gap_that_holds_it() -> None:
    order = ReorderBuffer(tracks=[0], max_wait_ms=10**9, max_held=10)
    feed(order, final(1, languages=LANGUAGES), now=0)
    feed(order, *(final(n, languages=("fr",)) for n in range(2, 30)), now=1)
    out = feed(order, *(translation(n, "fr") for n in range(2, 13)), now=2)
    assert places(out) == [(TIMEOUT, 1, "fr")] + [("Translation", n, "fr") for n in range(2, 13)]
    assert feed(order, translation(1, "es")) == [translation(1, "es")]


def test_too_much_held_speech_is_given_up() -> None:
    order = ReorderBuffer(tracks=[0], max_wait_ms=10**9, max_held=10)
    feed(order, final(1), translation(1))
    out = feed(order, *(chunk(1, n, n + 1, 99) for n in range(1, 12)))
    assert places(out) == [(TIMEOUT, 1, "es")]
    assert (order.held, order.gaps_filled) == (0, 1)


def test_too_much_held_for_an_utterance_that_was_not_announced_gives_it_up() -> None:
    order = ReorderBuffer(tracks=[0], max_wait_ms=10**9, max_held=10)
    out = feed(order, *(chunk(1, n, n + 1, 99) for n in range(11)))
    assert places(out) == [(TIMEOUT, 1, "")]
    assert order.held == 0


def test_a_repeat_of_what_is_held_is_not_held_twice() -> None:
    order = made()
    events: list[ev.Event] = [chunk(1, 1, 2, 2), translation(1), final(2)]
    feed(order, *events * 5)
    assert (order.held, order.duplicates_dropped) == (3, 12)


def test_a_session_with_losses_leaves_nothing_behind() -> None:
    order = made()
    sizes = set()
    for n in range(1, 600):
        lost = n % 5
        once: list[ev.Event] = [final(n), translation(n), chunk(n, 0, 1, 2), chunk(n, 1, 2, 2)]
        kept = once[:lost] + once[lost + 1 :]
        feed(order, interim(n, 1), *reversed(kept), final(n + 1), now=n * 2 * WAIT_MS)
        order.expire(n * 2 * WAIT_MS + WAIT_MS)
        feed(order, *once, *(of_epoch(event, 0) for event in once), now=n * 2 * WAIT_MS + WAIT_MS)
        sizes.add(len(json.dumps(order.snapshot())) // 100)
    assert order.held <= 1
    assert max(sizes) <= 3
    assert sum(map(len, _containers(order))) < 3000


def _containers(order: ReorderBuffer) -> list[Sized]:
    track = order._tracks[0]
    (output,) = track.outputs.values()
    return [
        track.held,
        track.arrived,
        track.failed,
        output.texts,
        output.speeches,
        output.held,
        output.shown,
        output.failed,
    ]


def test_a_cursor_is_plain_json_and_goes_on_in_mid_speech() -> None:
    order = made()
    feed(order, final(1), translation(1), chunk(1, 0, 4, 9), final(2), heartbeat(250))
    after = ReorderBuffer.restore(json.loads(json.dumps(order.snapshot())), now_ms=50, max_wait_ms=WAIT_MS)
    assert (after.next_utterance(0), after.covered_samples(0)) == (3, 250)
    assert after.expire(49 + WAIT_MS) == []
    again: list[ev.Event] = [final(1), translation(1), chunk(1, 0, 4, 9), final(2)]
    assert feed(after, *again) == []
    assert feed(after, chunk(1, 4, 9, 9)) == [chunk(1, 4, 9, 9)]
    assert feed(after, translation(2)) == [translation(2)]


def test_a_cursor_keeps_the_epoch() -> None:
    order = made()
    feed(order, final(1))
    order.new_epoch(0, 2)
    after = ReorderBuffer.restore(order.snapshot(), now_ms=0)
    assert feed(after, final(2), translation(2), final(2, 2), translation(1)) == [final(2, 2), translation(1)]


def test_a_cursor_keeps_the_end() -> None:
    order = made()
    feed(order, ended(0))
    assert ReorderBuffer.restore(order.snapshot(), now_ms=0).complete
    assert not ReorderBuffer.restore(made().snapshot(), now_ms=0).complete


def test_a_cursor_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        ReorderBuffer.restore({**made().snapshot(), "version": 99}, now_ms=0)


def test_another_edge_waits_as_long_and_holds_as_much_as_it_is_told() -> None:
    order = made()
    feed(order, final(1))
    patient = ReorderBuffer.restore(order.snapshot(), now_ms=0)
    assert patient.expire(14_999) == [] and patient.expire(15_000)
    assert patient._max_held == ReorderBuffer(tracks=[])._max_held == 4096
    hasty = ReorderBuffer.restore(order.snapshot(), now_ms=0, max_wait_ms=10, max_held=2)
    assert hasty.expire(9) == []
    assert ReorderBuffer.restore(order.snapshot(), now_ms=0, max_wait_ms=10).expire(10)
    assert len(feed(hasty, final(4), final(5))) == 0
    assert places(feed(hasty, final(6)))[:2] == [(TIMEOUT, 2, ""), (TIMEOUT, 3, "")]


def test_what_made_room_lets_the_next_wait_begin() -> None:
    order = ReorderBuffer(tracks=[4], max_held=2)
    finals = [final(number, track=4) for number in (2, 3, 4)]
    feed(order, *finals, now=100)
    assert order.next_utterance(4) == 5
    assert order.expire(100 + 14_999) == []
    lost: list[Any] = list(order.expire(100 + 15_000))
    assert [(event.track, event.utterance, event.stage) for event in lost] == [
        (4, number, ev.Stage.TRANSLATION) for number in (2, 3, 4)
    ]


def test_events_of_a_track_that_is_none_are_counted() -> None:
    order = made()
    feed(order, final(1, track=7), final(2, track=7))
    assert order.stale_dropped == 2
