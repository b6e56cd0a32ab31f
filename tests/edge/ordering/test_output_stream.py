"""One language of a track: translations in order, speech behind them, failures in the place of either."""

from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.ordering.gaps import Counts
from dragoman_edge.ordering.output_stream import OutputStream
from tests.support.mesh_events import chunk, failure, rough, translation


def stream(*due: int, speech: bool = True, epoch: int = 1, now: int = 0) -> OutputStream:
    """One in which these utterances are due."""
    made = OutputStream("s", 0, "es", Counts())
    for utterance in due:
        made.expect(utterance, epoch, speech, now)
    return made


def feed(made: OutputStream, *events: ev.Event, open_yet: bool = False, now: int = 0) -> list[ev.Event]:
    return [out for event in events for out in made.accept(event, open_yet, now)]  # type: ignore[arg-type]


def tally(made: OutputStream) -> tuple[int, int, int]:
    """Duplicates, stale, late."""
    return made.counts.duplicates, made.counts.stale, made.counts.late


# What came before its final


def test_what_came_early_waits_and_goes_out_when_its_final_wants_it() -> None:
    made = stream()
    assert feed(made, translation(1), chunk(1, 0, 2, 2), open_yet=True) == []
    assert made.holding == 2
    made.expect(1, epoch=1, speech=True, now_ms=0)
    assert made.release(0) == [translation(1), chunk(1, 0, 2, 2)]
    assert made.holding == 0 and made.empty and made.held == {}


def test_what_came_early_of_another_epoch_is_stale() -> None:
    made = stream()
    feed(made, translation(1), chunk(1, 0, 2, 2), open_yet=True)
    made.expect(1, epoch=2, speech=True, now_ms=0)
    assert made.held == {} and tally(made) == (0, 2, 0)


def test_early_speech_that_was_not_ordered_is_stale() -> None:
    made = stream()
    feed(made, translation(1), chunk(1, 0, 2, 2), open_yet=True)
    made.expect(1, epoch=1, speech=False, now_ms=0)
    assert made.holding == 1 and tally(made) == (0, 1, 0)
    assert made.release(0) == [translation(1)] and made.empty


def test_a_forgotten_utterance_gives_back_what_it_held() -> None:
    made = stream()
    feed(made, translation(1), chunk(1, 0, 2, 2), open_yet=True)
    made.interim(rough(1, 3), epoch=1)
    assert made.forget(1) == 2 and made.forget(1) == 0
    assert made.shown == {} and made.held == {}


def test_a_new_epoch_drops_what_is_older_from_its_first_utterance_on() -> None:
    made = stream()
    feed(made, translation(1), translation(2), translation(3), chunk(3, 0, 1, 1, epoch=2), open_yet=True)
    made.drop_older(2, epoch=2)
    assert {u: len(held) for u, held in made.held.items()} == {1: 1, 3: 1}
    assert tally(made) == (0, 2, 0)


# Interims


def test_interims_rise_within_an_epoch_and_begin_anew_with_the_next() -> None:
    made = stream()
    assert made.interim(rough(1, 2), epoch=1) == [rough(1, 2)]
    assert made.interim(rough(1, 2), epoch=1) == [] and made.interim(rough(1, 1), epoch=1) == []
    assert made.interim(rough(1, 1, epoch=2), epoch=2) == [rough(1, 1, epoch=2)]
    assert tally(made) == (2, 0, 0)


def test_the_first_interim_is_shown_whatever_its_revision() -> None:
    assert stream().interim(rough(1, 0), epoch=1) == [rough(1, 0)]


def test_an_interim_of_a_due_translation_is_of_its_epoch() -> None:
    made = stream(1, epoch=2)
    assert made.interim(rough(1, 1, epoch=2), epoch=None) == [rough(1, 1, epoch=2)]
    assert made.interim(rough(1, 9), epoch=None) == []
    assert tally(made) == (0, 1, 0)


def test_what_was_shown_of_an_utterance_is_forgotten_with_its_translation() -> None:
    made = stream(1)
    made.interim(rough(1, 3), epoch=None)
    feed(made, translation(1))
    assert made.shown == {}


def test_speech_of_every_failed_translation_counts_as_late() -> None:
    made = stream(1, 2)
    feed(made, chunk(1, 0, 2, 2), chunk(2, 0, 2, 2))
    feed(made, *[failure(n, ev.Stage.TRANSLATION, "es") for n in (1, 2)])
    assert tally(made) == (0, 0, 2)


def test_an_interim_of_what_is_out_is_stale() -> None:
    assert stream().interim(rough(1, 1), epoch=None) == []


# Order, repeats, what nobody wants


def test_translations_go_out_in_the_order_of_their_finals() -> None:
    made = stream(1, 2)
    assert feed(made, translation(2)) == []
    assert feed(made, translation(1)) == [translation(1), translation(2)]


def test_a_repeat_of_what_is_held_is_dropped() -> None:
    made = stream(1, 2)
    feed(made, translation(2), translation(2), chunk(2, 0, 1, 3), chunk(2, 0, 1, 3))
    assert made.holding == 2 and tally(made) == (2, 0, 0)


def test_chunks_that_are_cut_otherwise_are_no_repeats() -> None:
    made = stream(1)
    feed(made, chunk(1, 0, 1, 3), chunk(1, 0, 2, 3), chunk(1, 0, 3, 3))
    assert made.holding == 3


def test_a_result_of_another_epoch_than_its_final_is_stale() -> None:
    made = stream(1, epoch=2)
    assert feed(made, translation(1), chunk(1, 0, 1, 1)) == [] and tally(made) == (0, 2, 0)
    feed(made, translation(1, epoch=2))
    assert feed(made, chunk(1, 0, 1, 1)) == [] and tally(made) == (0, 3, 0)
    assert made.holding == 0


def test_speech_that_nobody_ordered_counts_as_seen() -> None:
    made = stream(1, speech=False)
    assert feed(made, chunk(1, 0, 1, 1)) == [] and tally(made) == (1, 0, 0)


def test_a_repeat_of_what_is_out_is_dropped() -> None:
    made = stream(1)
    feed(made, translation(1), chunk(1, 0, 1, 1))
    assert feed(made, translation(1), chunk(1, 0, 1, 1)) == [] and tally(made) == (2, 0, 0)


# Speech


def test_speech_has_no_hole_and_no_overlap() -> None:
    made = stream(1)
    feed(made, translation(1))
    assert feed(made, chunk(1, 2, 5, 9)) == []
    assert feed(made, chunk(1, 0, 3, 9)) == [chunk(1, 0, 3, 9), chunk(1, 3, 5, 9)]
    assert made.samples == 5
    assert feed(made, chunk(1, 1, 4, 9)) == [] and tally(made) == (1, 0, 0)
    assert feed(made, chunk(1, 4, 9, 9)) == [chunk(1, 5, 9, 9)]
    assert made.samples == 0 and made.empty


def test_an_empty_last_chunk_ends_the_speech_where_it_is() -> None:
    made = stream(1, 2)
    feed(made, translation(1), translation(2), chunk(1, 0, 4, 9), chunk(2, 0, 3, 3))
    (end, following) = feed(made, chunk(1, 2, 2, 2))
    assert isinstance(end, ev.SpeechChunk) and (end.sample_offset, end.audio, end.last) == (4, b"", True)
    assert following == chunk(2, 0, 3, 3)


def test_chunks_beyond_the_end_are_dropped_as_seen() -> None:
    made = stream(1)
    feed(made, translation(1), chunk(1, 5, 6, 9))
    assert feed(made, chunk(1, 0, 2, 2)) == [chunk(1, 0, 2, 2)]
    assert made.holding == 0 and tally(made) == (1, 0, 0)


def test_speech_of_the_next_utterance_begins_at_its_own_sample_0() -> None:
    made = stream(1, 2)
    feed(made, translation(1), translation(2), chunk(1, 0, 7, 7))
    assert feed(made, chunk(2, 0, 3, 9)) == [chunk(2, 0, 3, 9)]
    assert made.samples == 3


# Failures


def test_a_failed_translation_takes_its_speech_with_it() -> None:
    made = stream(1)
    feed(made, chunk(1, 0, 1, 1))
    lost = failure(1, ev.Stage.TRANSLATION, "es")
    assert feed(made, lost) == [lost]
    assert made.empty and made.holding == 0 and tally(made) == (0, 0, 1)
    assert feed(made, translation(1), chunk(1, 0, 1, 1)) == [] and tally(made) == (0, 0, 3)


def test_a_repeat_among_what_was_held_does_not_stop_the_speech_behind_it() -> None:
    made = stream(1)
    feed(made, translation(1), chunk(1, 2, 4, 6), chunk(1, 2, 3, 6), chunk(1, 4, 6, 6))
    assert feed(made, chunk(1, 0, 2, 6)) == [chunk(1, 0, 2, 6), chunk(1, 2, 4, 6), chunk(1, 4, 6, 6)]
    assert tally(made) == (1, 0, 0)


def test_failed_speech_drops_what_came_behind_the_hole_as_late() -> None:
    made = stream(1)
    feed(made, translation(1), chunk(1, 0, 1, 9), chunk(1, 5, 9, 9))
    lost = failure(1, ev.Stage.TTS, "es")
    assert feed(made, lost) == [lost]
    assert made.empty and made.samples == 0 and tally(made) == (0, 0, 1)
    assert feed(made, chunk(1, 1, 9, 9)) == [] and tally(made) == (0, 0, 2)
    assert feed(made, translation(1)) == [] and tally(made) == (1, 0, 2)  # that one did come out


# What did not come


def test_a_missing_translation_is_waited_for_from_its_final_or_the_last_move_on() -> None:
    made = stream(1, 2, now=100)
    assert list(made.gaps()) == [(ev.Stage.TRANSLATION, 100, False)]
    feed(made, chunk(2, 0, 1, 1), now=150)  # holds, but moves nothing
    assert list(made.gaps()) == [(ev.Stage.TRANSLATION, 100, True)]
    feed(made, translation(1), now=300)
    assert list(made.gaps()) == [(ev.Stage.TRANSLATION, 300, True), (ev.Stage.TTS, 300, False)]


def test_missing_speech_is_waited_for_from_its_translation_or_its_last_chunk_on() -> None:
    made = stream(1, 2)
    feed(made, translation(1), translation(2), now=100)
    feed(made, chunk(1, 0, 1, 3), now=200)
    assert list(made.gaps()) == [(ev.Stage.TTS, 200, False)]
    feed(made, chunk(2, 0, 1, 3), now=250)
    assert list(made.gaps()) == [(ev.Stage.TTS, 200, True)]


def test_nothing_due_is_no_gap() -> None:
    made = stream()
    assert list(made.gaps()) == [] and made.fail(ev.Stage.TTS, 0) == []
    assert made.fail(ev.Stage.TRANSLATION, 0) == []


def test_a_gap_that_is_given_up_says_where_and_lets_the_rest_go() -> None:
    made = stream(1, 2, epoch=3)
    feed(made, translation(2, epoch=3), now=10)
    lost, following = made.fail(ev.Stage.TRANSLATION, 500)
    assert lost == ev.Failure(
        session_id="s", track=0, epoch=3, utterance=1, stage=ev.Stage.TRANSLATION, language="es",
        code=FaultCode.TIMEOUT, message="the result did not come in time", retryable=True,
    )  # fmt: skip
    assert following == translation(2, epoch=3)
    assert made.text_ms == 0  # to give up is no progress
    assert list(made.gaps()) == [(ev.Stage.TTS, 500, False)]


def test_given_up_speech_says_so_and_lets_the_next_go() -> None:
    made = stream(1, 2)
    feed(made, translation(1), translation(2), chunk(2, 0, 1, 1))
    lost, following = made.fail(ev.Stage.TTS, 500)
    assert isinstance(lost, ev.Failure) and (lost.utterance, lost.stage) == (1, ev.Stage.TTS)
    assert following == chunk(2, 0, 1, 1) and made.empty


@pytest.mark.parametrize("speech", [True, False])
def test_a_stream_is_empty_once_everything_due_is_out(speech: bool) -> None:
    made = stream(1, speech=speech)
    assert not made.empty
    feed(made, translation(1))
    assert made.empty is not speech
    feed(made, replace(chunk(1, 0, 1, 1)))
    assert made.empty


def test_what_is_dropped_adds_up() -> None:
    made = stream(1, 2, 3)
    for _ in range(2):
        made.interim(rough(1, 1, epoch=9), epoch=None)
    assert tally(made) == (0, 2, 0)
    feed(made, translation(1), translation(2), translation(3))
    feed(made, chunk(1, 0, 4, 9), chunk(1, 0, 3, 9), chunk(1, 1, 4, 9))
    assert tally(made) == (2, 2, 0)
    feed(made, chunk(1, 8, 9, 10), chunk(1, 4, 6, 6))  # one lies beyond the end
    assert tally(made) == (3, 2, 0)
    feed(made, chunk(2, 5, 6, 9), failure(2, ev.Stage.TTS, "es"))
    feed(made, chunk(3, 5, 6, 9), chunk(3, 7, 8, 9), failure(3, ev.Stage.TTS, "es"))
    assert tally(made) == (3, 2, 3)
