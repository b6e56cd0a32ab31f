"""Recognisers that are replaced: what each epoch says counts exactly where it was released."""

from dragoman_contract import events as ev
from tests.support.mesh_events import (
    chunk,
    ended,
    failure,
    feed,
    final,
    interim,
    made,
    rough,
    translation,
)


def test_events_of_a_replaced_recogniser_are_dropped() -> None:
    order = made()
    feed(order, final(1), final(3))
    order.new_epoch(0, 2)
    assert feed(order, final(2), interim(2, 5), ended(9)) == []
    assert feed(order, interim(2, 1, epoch=2)) == [interim(2, 1, epoch=2)]
    assert feed(order, final(2, epoch=2)) == [final(2, epoch=2)]
    assert feed(order, translation(2), translation(1)) == [translation(1)]
    assert feed(order, translation(2, epoch=2)) == [translation(2, epoch=2)]
    assert order.next_utterance(0) == 3


def test_the_work_of_a_final_that_was_released_before_the_failover_still_counts() -> None:
    order = made()
    feed(order, final(1))
    order.new_epoch(0, 2)
    assert feed(order, translation(1), chunk(1, 0, 1, 1)) == [translation(1), chunk(1, 0, 1, 1)]


def test_an_interim_translation_of_another_epoch_is_dropped() -> None:
    order = made()
    feed(order, final(1), rough(2, 7))
    order.new_epoch(0, 2)
    assert feed(order, rough(2, 8), rough(1, 1, epoch=2)) == []
    assert feed(order, rough(2, 1, epoch=2), rough(1, 1)) == [rough(2, 1, epoch=2), rough(1, 1)]


def test_a_failure_of_an_old_epoch_does_not_displace_the_result_of_the_new_one() -> None:
    order = made()
    feed(order, failure(1, ev.Stage.TTS, "es"), failure(1, ev.Stage.TRANSLATION, "es"))
    order.new_epoch(0, 2)
    again: list[ev.Event] = [final(1, 2), translation(1, epoch=2), chunk(1, 0, 1, 1, epoch=2)]
    assert feed(order, *again) == again


def test_a_failover_in_mid_speech_lets_the_speech_go_on() -> None:
    order = made()
    feed(order, final(1), translation(1), chunk(1, 0, 4, 9))
    order.new_epoch(0, 2)
    assert feed(order, chunk(1, 0, 9, 9)) == [chunk(1, 4, 9, 9)]


def test_a_failover_forgets_the_end_that_waited_for_lost_finals() -> None:
    order = made()
    feed(order, ended(2), final(1, languages=()))
    order.new_epoch(0, 2)
    assert order.expire(10**9) == []
    last = final(2, 2, languages=())
    assert feed(order, last, ended(2, 2)) == [last, ended(2, 2)]


def test_the_end_that_an_unused_recogniser_tells_is_dropped() -> None:
    order = made()
    feed(order, final(1, languages=()), final(2, languages=()))
    assert feed(order, ended(1)) == []
    assert feed(order, ended(2)) == [ended(2)]


def test_an_old_epoch_tells_no_news_after_a_failover() -> None:
    order = made()
    order.new_epoch(0, 3)
    order.new_epoch(0, 2)
    assert feed(order, final(1, 2), translation(1, epoch=2), failure(1, ev.Stage.STT, epoch=1)) == []
    assert (order.held, order.expire(10**9)) == (0, [])


def test_a_recogniser_that_another_edge_took_counts_from_its_first_final() -> None:
    order = made()
    plain = [final(n, 1, languages=()) for n in (1, 2, 3, 4)]
    newer = [final(n, 2, languages=()) for n in (3, 4)]
    assert feed(order, newer[1], plain[3], newer[0], plain[2], plain[1], plain[0]) == [*plain[:2], *newer]


def test_an_edge_that_takes_over_still_releases_what_the_recogniser_before_made() -> None:
    order = made()
    order.new_epoch(0, 2, first_utterance=3)
    plain = [final(n, 1, languages=()) for n in (1, 2, 3)]
    last = final(3, 2, languages=())
    assert feed(order, *plain, last) == [*plain[:2], last]


def test_an_epoch_that_is_known_moves_no_first_utterance() -> None:
    order = made()
    order.new_epoch(0, 2, first_utterance=3)
    order.new_epoch(0, 2)
    plain = final(1, 1, languages=())
    assert feed(order, plain) == [plain]
