"""What a text may be, for the speech of which it is to be the text."""

import pytest

from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.engines.plausible import (
    babbles,
    covered,
    crammed,
    dropped,
    first_saying,
    held,
    hole_ms,
    holes,
    loops,
    repeated,
    silent,
    thin,
    token_limit,
    uncovered_ms,
)

SPEECH = ((0, 2000), (2500, 6000))


@pytest.mark.parametrize(
    ("segments", "lost"),
    [
        ([(0, 6000)], 0),
        ([(0, 1900), (2600, 6000)], 0),
        ([(0, 2000)], 3500),
        ([(2500, 6000)], 2000),
        ([(0, 2000), (5000, 6000)], 2500),
        ([], 5500),
    ],
)
def test_speech_that_nothing_covers_is_counted(segments: list[tuple[int, int]], lost: int) -> None:
    assert uncovered_ms(SPEECH, segments) == lost


def test_a_hole_is_told_by_the_speech_in_it() -> None:
    assert holes(SPEECH, [(0, 1000), (4000, 6000)]) == [((1000, 2000), (2500, 4000))]
    assert holes(SPEECH, [(0, 6000)]) == holes((), [(0, 10)]) == []


def test_a_word_covers_no_more_than_it_can_last() -> None:
    assert covered(HeardWord(" yes", 100, 4000, 1.0)) == (100, 670)
    assert covered(HeardWord(" yes", 100, 300, 1.0)) == (100, 300)


def test_no_one_says_so_much_or_so_little() -> None:
    assert crammed("a word " * 20, 1.0)
    assert not crammed("a word " * 20, 5.0)
    assert crammed("話" * 40, 2.0) and not crammed("話" * 20, 2.0)
    assert thin("Yes.", 6.0)
    assert not thin("Yes.", 1.0)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("all the words are here", 0),
        ("all the birds are here", 0),
        ("all", 4),
        ("", 5),
        ("all the words are", 0),
        ("are here and there", 3),
    ],
)
def test_words_that_interims_agreed_on_are_missed_in_a_row(text: str, missing: int) -> None:
    assert dropped("All the words are here", text) == missing


def test_one_word_that_was_agreed_is_missed_too() -> None:
    assert dropped("Yes", "") == 1


@pytest.mark.parametrize(
    ("language", "per_s"), [("en", 12), ("hi", 25), ("kn", 40), ("ru", 18), ("zh", 18), ("gu", 40)]
)
def test_the_limit_of_tokens_is_above_what_quick_speech_needs(language: str, per_s: int) -> None:
    assert token_limit(language, 10.0) > per_s * 10


def test_what_is_written_in_latin_letters_needs_no_more_tokens_than_english() -> None:
    assert token_limit("kn", 10.0, latin=True) == token_limit("en", 10.0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", None),
        ("no no no no no no", None),
        ("so no no no no no no no it", (2, 8)),
        ("one two three four", None),
        ("one two three one two three", (3, 6)),
        ("well One two, three. one two three four", (4, 7)),
        ("a b c d a b c d", (4, 8)),
    ],
)
def test_a_phrase_that_is_said_again_at_once_is_found(text: str, place: tuple[int, int] | None) -> None:
    assert repeated(text.split()) == place


def test_repeats_are_cut_only_where_the_speech_is_too_short_for_them() -> None:
    twice = Hypothesis("we have to go now we have to go now", "en", 1.0)
    assert held(twice, 2.0).text == twice.text
    assert held(twice, 0.4).text == "we have to go now"


def test_what_follows_a_repetition_stays_with_its_words() -> None:
    said = [" one", " two", " three", " one", " two", " three", " four"]
    words = tuple(HeardWord(word, n * 10, n * 10 + 9, 1.0) for n, word in enumerate(said))
    once = first_saying(Hypothesis("".join(said).strip(), "en", 1.0, words))
    assert once.text == "one two three four"
    assert [word.start_ms for word in once.words] == [0, 10, 20, 60]


def test_babble_is_no_word() -> None:
    assert held(Hypothesis("so shashashashashashashashasha", "en", 1.0), 5.0).text == "so sha"
    assert held(Hypothesis("so " + "pro " * 12 + "it was", "en", 1.0), 9.0).text == "so pro it was"
    assert loops("no " * 40)


def test_whisper_is_believed_that_nobody_speaks_unless_voice_activity_heard_much() -> None:
    assert silent(0.7, -0.9)
    assert not silent(0.7, -0.9, "it was so", ((0, 1500),))
    assert silent(0.7, -1.2, "it was so", ((0, 1500),))
    assert not silent(0.3, -1.2)


def test_what_is_said_over_and_over_where_nobody_speaks_is_invented() -> None:
    assert silent(0.7, -0.5, "it was so it was so", ((0, 1500),))
    assert not silent(0.2, -0.5, "it was so it was so", ((0, 1500),))


def test_in_hurried_speech_a_smaller_hole_holds_words() -> None:
    assert hole_ms(0, 5.0) == hole_ms(10, 5.0) == 800
    assert hole_ms(30, 5.0) == 500
    assert hole_ms(100, 5.0) == 450


@pytest.mark.parametrize(
    ("text", "wild"),
    [
        ("good night good night good night good night", False),
        ("we have to go now we have to go now", False),
        ("the state " + "of the state " * 6, True),
        ("so " + "pro " * 12, True),
        ("no no no no", False),
    ],
)
def test_a_phrase_that_is_said_as_often_as_nobody_says_it_is_babble(text: str, wild: bool) -> None:
    assert babbles(text) is wild
