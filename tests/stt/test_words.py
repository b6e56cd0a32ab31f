"""On which words two hypotheses agree, and where an utterance is parted."""

from dataclasses import replace
from math import inf, nan

import pytest

from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.words import agreed, behind, checked, confidence, confirmed, seam, settled, units, until

WORDS = tuple(HeardWord(f" w{n}", n * 500, n * 500 + 400, p) for n, p in enumerate((0.2, 0.2, 0.9, 0.4)))
HEARD = Hypothesis("w0 w1 w2 w3", "en", 1.0, WORDS, 0.35)


def test_the_confidence_of_words_is_their_geometric_mean() -> None:
    assert confidence(WORDS[2:]) == pytest.approx(0.6)
    assert confidence(()) == 0.0
    assert confidence((HeardWord("x", 0, 1, 0.0),)) == pytest.approx(0.0, abs=1e-5)


def test_what_is_cut_off_leaves_the_rest_its_own_confidence() -> None:
    assert until(HEARD, 2).text == "w0 w1"
    assert until(HEARD, 2).confidence == pytest.approx(0.2)


def timed(*said: str, each_ms: int = 500) -> Hypothesis:
    """Words of half a second."""
    words = tuple(HeardWord(word, n * each_ms, (n + 1) * each_ms - 50, 1.0) for n, word in enumerate(said))
    return Hypothesis("".join(said).strip(), "en", 1.0, words, 0.9)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("it was  a dark", 4),
        ("\u6211\u4eec\u3002\u53bb abc\u7684", 5),
        ("\ud55c\uad6d\uc5b4 \ub9d0", 2),
        ("", 0),
    ],
)
def test_words_and_letters_of_scripts_without_spaces_make_the_text(text: str, count: int) -> None:
    assert len(units(text)) == count
    assert "".join(units(text)) == text


def test_two_hypotheses_agree_up_to_a_word_and_without_spaces_up_to_a_letter() -> None:
    assert agreed("the quick brawn", "the quick brown fox") == len("the quick")
    assert agreed("\u8acb\u554f\u5716", "\u8acb\u554f\u9928\u5728") == 2


def test_words_in_a_row_are_confirmed_although_the_first_one_differs() -> None:
    now = "GOP machine all of a sudden they say"
    assert confirmed("Did GOP machine all of a sudden we", now) == len("GOP machine all of a sudden")
    assert confirmed("well it was", "so it is") == 0


def test_a_final_ends_with_a_sentence_behind_which_words_follow() -> None:
    heard = timed(" It", " was", " so.", " And", " then", " it")
    assert seam(heard, len(heard.text), 3000) == 3
    assert seam(heard, len("It was"), 3000) is None
    assert seam(heard, len(heard.text), 1400) is None


def test_a_word_too_near_to_the_end_of_the_window_is_not_trusted() -> None:
    heard = timed(" It", " was", " so.", " And", " then", each_ms=400)
    assert seam(heard, len(heard.text), 1600) is None
    assert seam(heard, len(heard.text), 2000) == 3


def test_a_clause_or_a_pause_ends_a_final_only_in_a_long_window() -> None:
    said = [f" w{n}" for n in range(12)]
    clause = timed(*said[:5], " so,", *said[5:])
    assert seam(clause, len(clause.text), 6500, ((0, 2900),)) is None
    assert seam(clause, len(clause.text), 6500, ((0, 3100),)) == 6
    assert seam(clause, len(clause.text), 6500, clauses=False) is None
    plain = timed(*said)
    early, late = ((0, 2900), (3150, 4100)), ((0, 2900), (3150, 4400))
    assert seam(plain, len(plain.text), 6500, early) is None  # who stops to think has not ended a clause
    assert seam(plain, len(plain.text), 6500, late) == 6
    assert seam(plain, len(plain.text), 5500) is None


def test_a_window_is_as_long_as_the_voice_in_it() -> None:
    plain = timed(*[f" w{n}" for n in range(20)])
    halting = ((0, 1500), (2300, 3500), (4300, 5500), (6300, 7500))
    assert seam(plain, len(plain.text), 10_500, halting[:3]) is None
    assert seam(plain, len(plain.text), 10_500, ((0, 6100),)) is not None


def test_in_a_longer_window_the_widest_gap_is_taken_but_no_single_word() -> None:
    said = timed(*[f" w{n}" for n in range(20)])
    wide = replace(said, words=(replace(said.words[0], end_ms=100), *said.words[1:9],
        replace(said.words[9], end_ms=4700), *said.words[10:]))  # fmt: skip
    assert seam(wide, len(wide.text), 10_500) == 10


def test_the_rest_of_a_window_has_its_own_times_and_text() -> None:
    rest = behind(HEARD, 2, 900)
    assert (rest.text, rest.words[0].start_ms, rest.words[1].end_ms) == ("w2 w3", 100, 1000)


def test_times_of_an_engine_rise_inside_the_window_and_its_numbers_are_numbers() -> None:
    wild = (HeardWord("a", -50, 400, nan), HeardWord(" b", 300, 100, 2.0), HeardWord(" c", 9000, 9500, -1.0))
    tame = checked(Hypothesis("a b c", "en", nan, wild, inf), 1000)
    assert [(w.start_ms, w.end_ms, w.probability) for w in tame.words] == [
        (0, 400, 0.0),
        (300, 300, 1.0),
        (1000, 1000, 0.0),
    ]
    assert (tame.confidence, tame.language_probability) == (0.0, 0.0)


def test_what_lies_far_from_the_end_of_a_window_is_settled() -> None:
    heard = timed(" It", " was", " so.", " And", " then", " it")
    assert settled(heard, 3000) == len("It was so.")
    assert settled(heard, 1000) == 0
