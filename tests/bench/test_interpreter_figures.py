"""The figures of translations while one speaks, on a made-up conversation."""

import pytest

from tests.bench.interpreter_figures import (
    Shown,
    SourceWord,
    behind,
    erasure,
    first_lags,
    lags,
    later,
    share,
    updates,
    word_times,
)

OFFLINE = [
    SourceWord("The", 1.0),
    SourceWord("white", 2.0),
    SourceWord("house.", 3.0),
    SourceWord("Yes", 5.0),
]
FIRST = Shown(1, "the white house", [(1.5, "la"), (2.5, "la blanca"), (3.5, "la casa blanca")])
SECOND = Shown(2, "yes", [(6.0, "sí")])


def test_words_taken_back_count_against_those_of_the_finals() -> None:
    assert erasure([FIRST, SECOND]) == 1 / 4
    assert erasure([SECOND]) == 0


def test_a_last_word_that_gets_a_comma_is_not_taken_back() -> None:
    def of(*texts: str) -> float:
        return erasure([Shown(1, "", [(float(at), text) for at, text in enumerate(texts)])])

    assert of("en Iowa", "en Iowa, a") == 0 and of("en Io", "en Iowa") == 1 / 2
    assert of("en Iowa", "en") == 1.0 and of("en Iowa es", "en Iowa, es") == 2 / 3


def test_updates_count_what_changes_and_what_is_added() -> None:
    assert updates([FIRST], 10.0) == pytest.approx((1 + 1 + 3) / 10)


def test_each_word_has_its_lag_first_and_for_good() -> None:
    found = lags([FIRST, SECOND], OFFLINE)
    assert [lag.first for lag in found] == pytest.approx([0.5, 0.5, 0.5, 1.0])
    assert [lag.good for lag in found] == pytest.approx([0.5, 1.5, 0.5, 1.0])


def test_the_first_words_of_each_utterance_have_theirs() -> None:
    assert first_lags([FIRST, SECOND], OFFLINE) == pytest.approx([0.5, 1.0])


def test_words_that_the_offline_decode_does_not_have_lie_between_their_neighbours() -> None:
    odd = Shown(1, "the wide house", [(4.0, "la casa ancha")])
    assert [lag.first for lag in lags([odd], OFFLINE)] == pytest.approx([3.0, 2.0, 1.0])
    assert lags([Shown(1, "nothing at all", [(4.0, "nada")])], OFFLINE)[0].first == 4.0


def test_speech_is_played_one_after_another() -> None:
    chunks = [(1, 2.0, 3.0), (2, 4.0, 2.0), (2, 4.1, 1.0)]
    assert behind(chunks, {1: 1.5, 2: 3.5}) == [(1.5, 3.5), (3.5, 4.5)]


def test_speech_is_compared_with_that_of_the_same_words_before() -> None:
    late = [(5.0, 1.0), (15.0, 2.0), (25.1, 1.5), (34.9, 2.7)]  # the same 20 s again
    assert later(late, 20.0, 20.0) == pytest.approx((0.5 + 0.7) / 2)
    assert later(late, 20.0, 40.0) is None and later([], 20.0, 0.0) is None


def test_shares_of_few_values() -> None:
    assert share([], 0.9) is None and share([2.0], 0.9) == 2.0
    assert share([0.0, 1.0], 0.5) == pytest.approx(0.5)


def test_what_moves_to_the_next_utterance_within_a_glimpse_is_not_taken_back() -> None:
    first = Shown(1, "the house is", [(1.0, "la casa es"), (2.0, "la casa")])
    second = Shown(2, "is white", [(2.05, "es"), (3.0, "es blanca")])
    assert erasure([first, second]) == 0
    late = Shown(2, "is white", [(2.5, "es"), (3.0, "es blanca")])
    assert erasure([first, late]) == 1 / 4


def test_a_word_is_for_good_when_all_before_it_stay() -> None:
    one = Shown(1, "a b c", [(1.0, "x dos"), (2.0, "uno dos"), (3.0, "uno dos tres")])
    assert word_times([one]) == [(1.0, 2.0), (1.0, 2.0), (3.0, 3.0)]


def test_words_that_were_shown_of_an_utterance_that_says_nothing_are_taken_back() -> None:
    assert erasure([FIRST, Shown(2, "", [(5.0, "sí sí"), (6.0, "")])]) == 1.0
