"""One track: finals in order, each lets its work go; what is old, far ahead or unordered is dropped."""

from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.ordering.gaps import Counts
from dragoman_edge.ordering.track_sequencer import MOST_EARLY, REACH, TrackSequencer
from tests.support.mesh_events import (
    chunk,
    correction,
    ended,
    failure,
    final,
    heartbeat,
    interim,
    rough,
    translation,
)


def feed(track: TrackSequencer, *events: ev.Event, now: int = 0) -> list[ev.Event]:
    return [out for event in events for out in track.accept(event, now)]  # type: ignore[arg-type]


def track_with(*events: ev.Event, now: int = 0) -> TrackSequencer:
    made = TrackSequencer(0, Counts())
    feed(made, *events, now=now)
    return made


def tally(track: TrackSequencer) -> tuple[int, int, int]:
    """Duplicates, stale, late."""
    return track.counts.duplicates, track.counts.stale, track.counts.late


def test_the_session_is_known_from_the_first_event_on() -> None:
    track = track_with(final(1))
    assert track.session_id == "s" and track.outputs["es"].session_id == "s"
    feed(track, replace(final(2), session_id="other"))
    assert track.session_id == "s"


# How far ahead is believed


@pytest.mark.parametrize(("ahead", "stale"), [(REACH - 1, 0), (REACH, 1)])
def test_an_utterance_is_believed_up_to_a_reach(ahead: int, stale: int) -> None:
    track = track_with(translation(1 + ahead))
    assert (tally(track)[1], track.holding) == (stale, 1 - stale)


@pytest.mark.parametrize(("ahead", "stale"), [(REACH - 1, 0), (REACH, 1)])
def test_an_end_is_believed_up_to_a_reach(ahead: int, stale: int) -> None:
    track = track_with(ended(1 + ahead))
    assert tally(track)[1] == stale and (track.end is None) == bool(stale)


# Speech activity, heartbeats


def test_speech_activity_of_an_older_epoch_is_stale() -> None:
    track = track_with()
    activity = ev.SpeechActivity(session_id="s", track=0, epoch=1, speaking=True, at_ms=5)
    assert feed(track, activity) == [activity]
    track.replace(2, 1)
    assert feed(track, activity) == [] and tally(track) == (0, 1, 0)


@pytest.mark.parametrize(
    ("events", "covered"),
    [
        ((heartbeat(500),), 500),
        ((heartbeat(500), heartbeat(300)), 500),
        ((heartbeat(500, epoch=2),), 0),
        ((heartbeat(500, last=1),), 0),
        ((final(1), heartbeat(500, last=1)), 500),
        ((translation(1), heartbeat(500)), 0),
    ],
    ids=["plain", "never back", "other epoch", "ahead of finals", "with its final", "a final is missing"],
)
def test_a_heartbeat_covers_audio_once_nothing_before_it_is_missing(
    events: tuple[ev.Event, ...], covered: int
) -> None:
    assert track_with(*events).covered == covered


# Interims


def test_interims_are_of_the_open_utterance_and_rise() -> None:
    track = track_with()
    assert feed(track, interim(1, 2), interim(1, 2), interim(1, 1)) == [interim(1, 2)]
    assert feed(track, interim(2, 1), interim(1, 9, epoch=2)) == []
    assert tally(track) == (2, 2, 0)


def test_interims_begin_anew_with_each_utterance_and_epoch() -> None:
    track = track_with(interim(1, 5), final(1))
    assert feed(track, interim(2, 1)) == [interim(2, 1)]
    track.replace(2, 2)
    assert feed(track, interim(2, 1, epoch=2)) == [interim(2, 1, epoch=2)]


def test_an_interim_translation_ahead_of_the_open_utterance_is_stale() -> None:
    track = track_with()
    assert feed(track, rough(1, 1), rough(2, 1)) == [rough(1, 1)] and tally(track) == (0, 1, 0)


# Finals


def test_a_final_covers_its_audio_and_orders_its_work() -> None:
    track = track_with(final(1, languages=("es", "fr")))
    assert (track.next, track.covered, sorted(track.outputs)) == (2, 100, ["es", "fr"])
    assert all(not output.empty for output in track.outputs.values())


def test_a_final_that_covers_less_takes_nothing_back() -> None:
    track = track_with(heartbeat(900))
    feed(track, final(1))
    assert track.covered == 900


def test_a_repeat_of_a_held_or_released_final_is_dropped() -> None:
    track = track_with(final(2), final(2), final(1), final(1))
    assert tally(track) == (2, 0, 0) and track.next == 3


def test_a_final_of_a_newer_epoch_begins_that_epoch() -> None:
    track = track_with(final(3), final(2, epoch=2))
    assert (track.epoch, track.first, track.holding) == (2, 2, 1)
    assert tally(track) == (0, 1, 0)
    assert feed(track, final(1)) == [final(1), final(2, epoch=2)]  # before the first: still the old one's


def test_the_first_final_of_an_epoch_may_turn_out_to_be_earlier() -> None:
    track = track_with(final(3, epoch=2), final(2, epoch=2))
    assert track.first == 2
    assert feed(track, final(2)) == []


def test_a_failed_final_takes_what_came_of_it_in_every_language() -> None:
    track = track_with(translation(1), translation(1, "fr"), chunk(1, 0, 1, 1))
    lost = failure(1, ev.Stage.STT)
    assert feed(track, lost) == [lost]
    assert (track.holding, tally(track)) == (0, (0, 0, 3))
    assert feed(track, final(1), translation(1)) == [] and tally(track) == (0, 0, 5)
    assert track.covered == 0


def test_early_work_in_a_language_that_was_not_ordered_is_stale() -> None:
    track = track_with(translation(1, "fr"), final(1))
    assert track.holding == 0 and tally(track) == (0, 1, 0)


def test_a_result_in_a_language_that_never_was_ordered_counts_as_seen() -> None:
    track = track_with(final(1))
    assert feed(track, translation(1, "fr")) == [] and tally(track) == (1, 0, 0)


# The end


def test_the_end_waits_for_finals_and_their_work() -> None:
    track = track_with(ended(1))
    assert not track.over
    assert feed(track, final(1, speech=False)) == [final(1, speech=False)]
    assert feed(track, translation(1)) == [translation(1), ended(1)]
    assert track.over


def test_the_end_of_a_track_without_a_word_is_at_once() -> None:
    assert feed(track_with(), ended(0)) == [ended(0)]


def test_an_end_before_the_last_final_is_of_a_recogniser_that_was_never_used() -> None:
    track = track_with(final(1, languages=()), final(2, languages=()))
    assert feed(track, ended(1)) == [] and tally(track) == (0, 1, 0)
    assert feed(track, ended(2)) == [ended(2)]


def test_an_end_of_an_older_epoch_is_stale_and_a_second_one_a_repeat() -> None:
    track = track_with()
    track.replace(2, 1)
    feed(track, ended(1), ended(1, epoch=2), ended(1, epoch=2))
    assert tally(track) == (1, 1, 0) and track.end == ended(1, epoch=2)


def test_the_end_of_a_newer_epoch_counts() -> None:
    track = track_with(ended(2), ended(1, epoch=2))
    assert track.end == ended(1, epoch=2)


def test_after_the_end_everything_is_a_repeat_but_activity_and_heartbeats() -> None:
    track = track_with(ended(0))
    activity = ev.SpeechActivity(session_id="s", track=0, epoch=1, speaking=False, at_ms=5)
    assert feed(track, final(1), translation(1), ended(0), activity, heartbeat(5)) == [activity]
    assert tally(track) == (3, 0, 0)


# Gaps


def test_the_gap_of_a_final_is_as_old_as_the_first_sign_of_it_or_of_a_later_one() -> None:
    track = track_with(translation(3), now=30)
    feed(track, final(2), now=40)
    feed(track, final(2), translation(3), now=90)
    (gap,) = track.gaps()
    assert (gap.since_ms, gap.blocks) == (30, True)
    lost, following = gap.fill(100)
    assert lost == ev.Failure(
        session_id="s", track=0, epoch=1, utterance=1, stage=ev.Stage.STT, code=FaultCode.TIMEOUT,
        message="the transcript did not come in time", retryable=True,
    )  # fmt: skip
    assert following == final(2) and track.counts.gaps == 1


def test_a_gap_blocks_only_when_something_is_held_behind_it() -> None:
    track = track_with(ended(1), now=5)
    (gap,) = track.gaps()
    assert (gap.since_ms, gap.blocks) == (5, False)
    feed(track, translation(1))
    assert next(track.gaps()).blocks


def test_gaps_in_a_language_are_filled_there_and_may_end_the_track() -> None:
    track = track_with(final(1, speech=False), ended(1), now=7)
    (gap,) = track.gaps()
    assert (gap.since_ms, gap.blocks) == (7, False)
    lost, end = gap.fill(100)
    assert isinstance(lost, ev.Failure) and lost.stage is ev.Stage.TRANSLATION
    assert end == ended(1) and track.counts.gaps == 1 and list(track.gaps()) == []


# Failover


def test_a_failover_drops_what_the_lost_recogniser_said_too_early() -> None:
    track = track_with(final(2), final(3), translation(2), translation(3))
    track.replace(2, 1)
    assert (track.holding, tally(track)) == (0, (0, 4, 0))
    assert list(track.gaps()) == []  # and none of it is waited for any more


def test_a_failover_keeps_what_is_before_its_first_utterance() -> None:
    track = track_with(final(2), final(4), translation(3), now=3)
    track.replace(2, 4)
    assert sorted(track.held) == [2] and track.holding == 2
    assert next(track.gaps()).since_ms == 3


def test_a_failover_forgets_an_end_that_waited_for_finals() -> None:
    track = track_with(ended(3), final(1, languages=()))
    track.replace(2, 2)
    assert track.end is None and list(track.gaps()) == []


def test_a_failover_keeps_an_end_whose_finals_are_all_out() -> None:
    track = track_with(ended(1), final(1))
    track.replace(2, 2)
    assert track.end == ended(1)


def test_work_of_a_newer_epoch_that_came_early_survives_the_failover() -> None:
    track = track_with(translation(2, epoch=2))
    track.replace(2, 1)
    assert track.holding == 1
    assert feed(track, final(1, epoch=2, languages=()), final(2, epoch=2, speech=False))[-1] == translation(
        2, epoch=2
    )


def test_what_is_dropped_adds_up() -> None:
    track = track_with()
    track.replace(2, 1)
    feed(track, final(1), final(1), ended(1, epoch=2), ended(1, epoch=2), ended(1, epoch=2))
    assert tally(track) == (2, 2, 0)
    feed(track, final(3, epoch=2), final(4, epoch=2))
    track.replace(3, 1)
    assert tally(track) == (2, 4, 0)


def test_every_gap_that_is_filled_counts() -> None:
    track = track_with(final(2, speech=False), final(4, speech=False))
    for count in (1, 2):  # two transcripts
        next(track.gaps()).fill(0)
        assert track.counts.gaps == count
    for count in (3, 4):  # two translations
        next(track.gaps()).fill(0)
        assert track.counts.gaps == count


def test_an_earlier_first_utterance_of_the_same_epoch_begins_nothing_anew() -> None:
    track = track_with()
    track.replace(2, 4)
    feed(track, interim(1, 5, epoch=2), ended(6, epoch=2))
    feed(track, final(3, epoch=2))  # before what was thought to be the first
    assert track.first == 3
    assert feed(track, interim(1, 4, epoch=2)) == [] and tally(track) == (1, 0, 0)
    assert track.end == ended(6, epoch=2)


def test_after_a_failover_what_the_lost_one_ended_with_is_waited_for_still() -> None:
    track = track_with(ended(2), now=7)
    track.replace(2, 3)
    assert [gap.since_ms for gap in track.gaps()] == [7]


def test_after_a_failover_what_is_here_of_the_new_epoch_is_waited_for_still() -> None:
    track = track_with(translation(2, epoch=2), now=7)
    track.replace(2, 1)
    assert [gap.since_ms for gap in track.gaps()] == [7]
    feed(track, final(3, epoch=2), now=9)
    track.replace(2, 1)
    assert [gap.since_ms for gap in track.gaps()] == [7] and sorted(track.arrived) == [2, 3]


def test_what_was_held_for_each_failed_utterance_counts_as_late() -> None:
    track = track_with(translation(1), translation(2), *[failure(n, ev.Stage.STT) for n in (1, 2)])
    assert tally(track) == (0, 0, 2)


def test_what_was_held_in_a_language_that_no_final_wants_counts_as_stale() -> None:
    track = track_with(translation(1, "fr"), translation(2, "fr"), final(1), final(2))
    assert tally(track) == (0, 2, 0)


# Corrections of speakers


def test_a_speaker_is_corrected_once_behind_the_final() -> None:
    track = track_with(final(1, languages=()))
    assert feed(track, correction(1), correction(1), correction(1, epoch=2)) == [correction(1)]
    assert tally(track) == (2, 0, 0)


def test_a_correction_waits_for_its_final() -> None:
    track = TrackSequencer(0, Counts())
    assert feed(track, correction(2), final(2, languages=()), correction(2)) == []
    assert feed(track, final(1, languages=())) == [
        final(1, languages=()),
        final(2, languages=()),
        correction(2),
    ]


def test_a_recogniser_that_was_replaced_corrects_only_what_it_said() -> None:
    track = track_with(final(1, languages=()), final(2, languages=()))
    track.replace(2, 2)
    assert feed(track, correction(2), correction(1)) == [correction(1)]
    assert feed(track, correction(2, epoch=2)) == [correction(2, epoch=2)]


def test_what_failed_has_no_speaker_to_correct() -> None:
    track = track_with(failure(1, ev.Stage.STT))
    assert feed(track, correction(1)) == []


def test_only_so_many_corrections_wait() -> None:
    track = track_with(*(correction(n) for n in range(2, MOST_EARLY + 3)))
    assert len(track.early) == MOST_EARLY
