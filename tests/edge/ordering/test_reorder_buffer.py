"""The order of results: each once, in its place, whatever order they come in."""

from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from tests.support.mesh_events import (
    LANGUAGES,
    chunk,
    ended,
    failure,
    feed,
    final,
    heartbeat,
    interim,
    made,
    rough,
    translation,
)  # fmt: skip


def test_finals_that_come_out_of_order_go_out_in_order() -> None:
    order = made()
    assert feed(order, final(2), final(3)) == []
    assert feed(order, final(1)) == [final(1), final(2), final(3)]


def test_an_interim_passes_while_its_utterance_is_the_open_one() -> None:
    order = made()
    assert feed(order, interim(1, 1), interim(1, 2)) == [interim(1, 1), interim(1, 2)]
    assert feed(order, interim(1, 2), interim(1, 1), interim(2, 1)) == []
    feed(order, final(1))
    assert feed(order, interim(1, 3)) == []
    assert feed(order, interim(2, 1)) == [interim(2, 1)]


def test_a_translation_waits_for_its_transcript_and_its_turn() -> None:
    order = made()
    assert feed(order, translation(2), translation(1)) == []
    assert feed(order, final(1)) == [final(1), translation(1)]
    assert feed(order, final(2)) == [final(2), translation(2)]


def test_speech_waits_for_its_translation_and_for_the_speech_before_it() -> None:
    order = made()
    feed(order, final(1), final(2), translation(1), translation(2))
    assert feed(order, chunk(2, 0, 10, 10)) == []
    assert feed(order, chunk(1, 5, 10, 10)) == []
    assert feed(order, chunk(1, 0, 5, 10)) == [chunk(1, 0, 5, 10), chunk(1, 5, 10, 10), chunk(2, 0, 10, 10)]


def test_speech_that_is_made_again_goes_on_where_it_broke_off() -> None:
    order = made()
    feed(order, final(1), translation(1), chunk(1, 0, 4, 10))
    assert feed(order, chunk(1, 0, 7, 10)) == [chunk(1, 4, 7, 10)]
    assert feed(order, chunk(1, 0, 10, 10)) == [chunk(1, 7, 10, 10)]


def test_languages_do_not_wait_for_each_other() -> None:
    order = made()
    feed(order, final(1, languages=LANGUAGES), final(2, languages=LANGUAGES))
    assert feed(order, translation(2, "fr")) == []
    assert feed(order, translation(1, "es")) == [translation(1, "es")]


def test_a_failed_translation_takes_its_place_and_that_of_its_speech() -> None:
    order = made()
    feed(order, final(1), final(2))
    lost = failure(1, ev.Stage.TRANSLATION, "es")
    assert feed(order, translation(2), lost) == [lost, translation(2)]
    assert feed(order, chunk(2, 0, 1, 1)) == [chunk(2, 0, 1, 1)]


def test_failed_speech_takes_the_place_of_the_rest() -> None:
    order = made()
    feed(order, final(1), final(2), translation(1), translation(2), chunk(1, 0, 2, 9), chunk(2, 0, 1, 1))
    lost = failure(1, ev.Stage.TTS, "es")
    assert feed(order, lost) == [lost, chunk(2, 0, 1, 1)]


def test_a_failed_transcript_takes_the_place_of_all_its_work() -> None:
    order = made()
    lost = failure(1, ev.Stage.STT)
    assert feed(order, final(2), lost) == [lost, final(2)]
    assert feed(order, translation(2)) == [translation(2)]


def test_the_end_comes_after_everything_that_is_due() -> None:
    order = made()
    assert feed(order, ended(1), final(1), translation(1)) == [final(1), translation(1)]
    assert not order.complete
    assert feed(order, chunk(1, 0, 1, 1)) == [chunk(1, 0, 1, 1), ended(1)]
    assert order.complete


def test_a_track_on_which_nothing_was_said_is_complete_at_once() -> None:
    order = made()
    assert feed(order, ended(0)) == [ended(0)]
    assert order.complete


def test_heartbeats_tell_what_is_covered_and_are_not_shown() -> None:
    order = made()
    assert feed(order, heartbeat(800), heartbeat(9999, epoch=0), heartbeat(700)) == []
    assert order.covered_samples(0) == 800


def test_a_heartbeat_covers_nothing_while_the_finals_before_it_are_not_here() -> None:
    order = made()
    feed(order, final(1), heartbeat(5000, last=2))  # the second was stored while this edge could not hear it
    assert order.covered_samples(0) < 5000
    feed(order, final(2), heartbeat(5000, last=2))
    assert order.covered_samples(0) == 5000


def test_a_heartbeat_covers_nothing_while_a_final_is_missing() -> None:
    order = made()
    feed(order, final(2), heartbeat(800))
    assert order.covered_samples(0) == 0
    feed(order, final(1))
    assert order.covered_samples(0) == 200


def test_what_belongs_to_no_utterance_passes_untouched() -> None:
    order = made()
    activity = ev.SpeechActivity(session_id="s", track=0, epoch=1, speaking=True, at_ms=5)
    passing: list[ev.Event] = [
        ev.Status(session_id="s", state=ev.State.CONNECTED),
        activity,
        activity,
        ev.Usage(session_id="s", sequence=1),
        ev.EndSession(session_id="s", code="too_long"),
    ]
    assert feed(order, *passing) == passing
    order.new_epoch(0, 2)
    assert feed(order, activity) == []


def test_an_event_of_no_track_of_the_session_is_dropped() -> None:
    order = made()
    assert feed(order, final(1, track=7)) == []
    assert order.stale_dropped == 1


def test_tracks_do_not_wait_for_each_other() -> None:
    order = made((0, 1))
    assert feed(order, final(2), final(1, track=1)) == [final(1, track=1)]
    assert feed(order, ended(1, track=1), translation(1, track=1), chunk(1, 0, 1, 1, track=1))
    assert not order.complete


def test_an_interim_translation_passes_until_the_translation_is_out() -> None:
    order = made()
    assert feed(order, rough(1, 1), rough(1, 1), rough(2, 1)) == [rough(1, 1)]
    feed(order, final(1))
    assert feed(order, rough(1, 3), rough(1, 2)) == [rough(1, 3)]
    assert feed(order, rough(2, 1), rough(1, 4)) == [rough(2, 1), rough(1, 4)]
    feed(order, translation(1))
    assert feed(order, rough(1, 5)) == []


def test_the_work_of_an_utterance_without_words_is_waited_for_too() -> None:
    order = made()
    empty = replace(final(1), text="")
    silent = chunk(1, 0, 0, 0)
    assert feed(order, silent, replace(translation(1), text=""), ended(1)) == []
    out = feed(order, empty)
    assert out == [empty, replace(translation(1), text=""), silent, ended(1)]


def test_work_that_nobody_ordered_is_dropped() -> None:
    order = made()
    ordered = final(1, languages=("es",), speech=False)
    assert feed(order, translation(1, "fr"), chunk(1, 0, 1, 1), chunk(1, 0, 1, 1, "fr"), ordered) == [ordered]
    assert feed(order, translation(1, "fr"), chunk(1, 0, 1, 1), translation(1)) == [translation(1)]
    assert feed(order, chunk(1, 0, 1, 1), ended(1)) == [ended(1)]
    assert order.held == 0


def test_a_language_that_is_ordered_twice_is_given_once() -> None:
    order = made()
    twice = final(1, languages=("es", "es"), speech=False)
    assert feed(order, twice, translation(1), translation(1), ended(1)) == [twice, translation(1), ended(1)]


def test_a_shorter_second_try_ends_the_speech() -> None:
    order = made()
    feed(order, final(1), translation(1), chunk(1, 0, 7, 10))
    (end,) = feed(order, chunk(1, 0, 4, 4))
    assert (end.sample_offset, end.audio, end.last) == (7, b"", True)


def test_a_boundary_is_told_once_when_a_chunk_is_cut() -> None:
    order = made()
    marks = [ev.Boundary(offset_ms=ms, duration_ms=1, text_offset=ms, text_length=1) for ms in (0, 1, 2)]
    feed(order, final(1), translation(1), replace(chunk(1, 0, 16, 48), boundaries=tuple(marks[:1])))
    (rest,) = feed(order, replace(chunk(1, 0, 48, 48), boundaries=tuple(marks)))
    assert (rest.sample_offset, rest.boundaries) == (16, tuple(marks[1:]))


def test_a_failure_of_speech_waits_for_its_translation() -> None:
    order = made()
    lost = failure(1, ev.Stage.TTS, "es")
    assert feed(order, lost, final(1)) == [final(1)]
    assert feed(order, translation(1)) == [translation(1), lost]


def test_what_comes_after_a_failure_took_its_place_is_dropped() -> None:
    order = made()
    feed(order, failure(1, ev.Stage.STT), final(2), failure(2, ev.Stage.TRANSLATION, "es"))
    feed(order, final(3), translation(3), failure(3, ev.Stage.TTS, "es"))
    late: list[ev.Event] = [
        final(1),
        translation(1),
        chunk(1, 0, 1, 1),
        translation(2),
        chunk(2, 0, 1, 1),
        chunk(3, 0, 1, 1),
    ]
    assert feed(order, *late) == []
    assert order.late_dropped == len(late)
    assert feed(order, translation(3), final(3)) == []
    assert (order.duplicates_dropped, order.held) == (2, 0)


def test_what_came_early_for_a_lost_utterance_is_dropped_with_it() -> None:
    order = made()
    feed(order, translation(1), chunk(1, 0, 1, 1), failure(1, ev.Stage.STT))
    assert (order.held, order.late_dropped) == (0, 2)


def test_an_ended_track_is_not_complete_while_its_work_is_out() -> None:
    order = made()
    feed(order, ended(1), final(1))
    assert not order.complete


def test_after_the_end_nothing_comes() -> None:
    order = made()
    feed(order, ended(0))
    assert feed(order, final(1), translation(1), ended(1), ended(0)) == []
    assert order.complete
    assert order.expire(10**9) == []


def test_translations_whose_speech_is_due_can_be_asked_for_again() -> None:
    order = made()
    feed(order, final(1), final(2), final(3, speech=False), translation(1), translation(2), translation(3))
    feed(order, chunk(1, 0, 1, 1), chunk(2, 0, 1, 2))
    assert order.awaiting_speech() == [translation(2)]


def test_a_repeat_is_counted_as_such() -> None:
    order = made()
    events: list[ev.Event] = [final(1), translation(1), chunk(1, 0, 1, 2), chunk(1, 1, 2, 2)]
    feed(order, *events, *events)
    assert (order.duplicates_dropped, order.stale_dropped, order.late_dropped) == (4, 0, 0)


def test_an_event_from_far_ahead_is_not_believed() -> None:
    order = made()
    assert feed(order, final(10**9), ended(10**9)) == []
    assert order.expire(10**9) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_own_speech(language: str) -> None:
    order = made()
    feed(order, final(1, languages=LANGUAGES), *(translation(1, name) for name in LANGUAGES))
    assert feed(order, chunk(1, 0, 3, 3, language)) == [chunk(1, 0, 3, 3, language)]


def test_a_track_is_added_once_and_keeps_what_it_has() -> None:
    order = made()
    feed(order, final(1))
    assert order.has(0) and not order.has(5)
    order.add(0)
    order.add(5)
    assert order.next_utterance(0) == 2 and order.has(5)
    feed(order, final(2, track=5), translation(1), chunk(1, 0, 1, 1), final(2, languages=()))
    assert order.held == 1 and order.due == 0 and order.counts.stale == 0


def test_the_end_of_a_track_is_known_before_its_results_are_out() -> None:
    order = made((0, 1))
    feed(order, ended(3))
    assert order.ended(0) and not order.ended(1)


def test_a_track_that_was_added_names_itself_in_its_failures() -> None:
    order = made()
    order.add(5)
    feed(order, final(2, track=5))
    lost, _ = order.expire(10**9)
    assert isinstance(lost, ev.Failure) and lost.track == 5


def test_what_a_track_drops_is_counted_for_the_session() -> None:
    order = made()
    order.add(5)
    feed(order, final(1, track=5), final(1, track=5))
    assert order.duplicates_dropped == 1


def test_what_is_waited_for_is_told_by_stage() -> None:
    order = made()
    assert set(order.due_by_stage().values()) == {0}
    feed(order, final(1), translation(1), final(2), final(4))
    assert order.due_by_stage() == {ev.Stage.STT: 1, ev.Stage.TRANSLATION: 1, ev.Stage.TTS: 1}
