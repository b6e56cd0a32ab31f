"""Figures of what people said: words that are missing, captions that stand still, pauses."""

import pytest

from tests.bench.peers.heard import Final, Heard
from tests.bench.people_figures import (
    Pause,
    Word,
    after_stops,
    compare,
    cut_short,
    first_texts,
    joined,
    pauses,
    sentence_ends,
    standstill,
    stopped,
    waits,
    words,
)

INF = float("inf")


def final(start: float, end: float, at: float) -> Final:
    return Final(at, start, end, "text")


def shown(*moments: tuple[float, str]) -> Heard:
    heard = Heard()
    for at, text in moments:
        heard.note(at, "", text)
    return heard


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's 5 o'clock, isn't it?", ["its", "5", "oclock", "isnt", "it"]),
        ("你好 world。", ["你", "好", "world"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        (" — … ", []),
    ],
)
def test_words_have_neither_case_nor_punctuation(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("heard", "missing", "wrong"),
    [
        ("a b c d e f", (), 0),
        ("a x c d e f", (), 1),  # heard differently, but there
        ("a e f", (1, 2, 3), 3),
        ("", (0, 1, 2, 3, 4, 5), 6),
        ("a b c d e f g", (), 1),
        ("b c d e", (0, 5), 2),
    ],
)
def test_a_missing_word_has_no_counterpart(heard: str, missing: tuple[int, ...], wrong: int) -> None:
    found = compare(["a", "b", "c", "d", "e", "f"], heard.split())
    assert (found.words, found.missing, found.wrong) == (6, missing, wrong)


@pytest.mark.parametrize(
    ("heard", "run"), [("a b c d e f", 0), ("b d f", 1), ("a d f", 2), ("a f", 4), ("", 6)]
)
def test_the_longest_row_of_missing_words(heard: str, run: int) -> None:
    assert compare(["a", "b", "c", "d", "e", "f"], heard.split()).run == run


def test_a_sentence_ends_where_the_transcript_says_so() -> None:
    offline = [Word("Ask", 0, 1), Word("not.", 1, 2), Word("what", 3, 4), Word("you", 4, 5), Word("do", 5, 6)]
    assert sentence_ends(offline, "") == [False, True, False, False, False]
    assert sentence_ends(offline, "“Ask not what you ‘do.’”") == [False, False, False, False, True]
    assert sentence_ends(offline, "Ask not what. You do") == [False, False, True, False, True]
    assert sentence_ends([], "Ask.") == []


def test_a_pause_is_over_or_within_a_sentence_by_the_word_before_it() -> None:
    offline = [Word("One", 0, 1), Word("two.", 2, 3.1), Word("Three.", 4, 5)]
    found = pauses([(0, 1), (2, 3), (4, 5)], offline, "")
    assert found == [Pause(1, 2, False), Pause(3, 4, True), Pause(5, INF, True)]
    assert pauses([(0, 1)], [], "") == [Pause(0 + 1, INF, False)]


def test_a_final_that_ends_in_a_pause_cuts_the_sentence_in_two() -> None:
    found = [Pause(1, 1.6, False), Pause(3, 3.5, False), Pause(5, 7, False), Pause(8, 8.3, False)]
    finals = [final(0, 1.1, 1.5), final(1.6, 5, 5.5), final(7, 8, 8.4)]
    assert cut_short(found, finals) == (1, 2)  # the third pause is too long to count, the fourth too short


def test_a_clause_that_ends_in_a_pause_is_no_endpoint() -> None:
    found = [Pause(1, 1.6, False), Pause(3, 3.5, False), Pause(5, 7, False)]
    finals = [final(0, 1.1, 2.5), final(1.6, 3.1, 3.5)]
    assert cut_short(found, finals) == (2, 2)
    assert stopped(found, [3.0, 5.0]) == (1, 2)
    assert after_stops(finals, [3.0]) == pytest.approx([0.4])
    assert after_stops(finals, []) == []


def test_an_end_of_a_sentence_without_a_final_is_missed() -> None:
    found = [Pause(1, 2, True), Pause(3, 4, True), Pause(5, 5.2, True), Pause(6, INF, True)]
    finals = [final(0, 1, 1.4), final(2, 6.1, 6.2)]
    assert joined(found, finals) == (1, 3)
    assert waits(found, finals) == pytest.approx([0.4, 0.2])


def test_captions_stand_still_only_while_somebody_speaks() -> None:
    heard = shown((1, "a"), (1.5, "a"), (2, "a b"), (9, "a b c"))
    assert standstill(heard, [(0, 3)]) == 1
    assert standstill(heard, [(0, 3), (8, 10)]) == 1
    assert standstill(heard, [(0, 5)]) == 3
    assert standstill(heard, []) == 0


def test_the_first_text_counts_from_each_beginning_of_speech() -> None:
    heard = shown((0.7, "a"), (2, "a b"), (5.5, "c"))
    spans = [(0.0, 3.0), (3.2, 4.0), (5.0, 6.0)]
    found = [Pause(3, 3.2, False), Pause(4, 5, True), Pause(6, INF, True)]
    assert first_texts(heard, found, spans) == pytest.approx([0.7, 0.5])
    assert first_texts(shown(), found, spans) == []
