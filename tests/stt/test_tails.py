"""Words that need not be decoded again for captions, and a whole text from them and the tail."""

from dataclasses import replace

from dragoman_contract.audio import samples_to_ms
from dragoman_scripted.tones import numbers
from dragoman_stt.decodes import Kind, Request
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.tails import joined, known
from tests.support.following import begin, read, speak


def heard(count: int, every_ms: int = 500, gap_after: int = -1) -> Hypothesis:
    words, at = [], 0
    for number in range(count):
        words.append(HeardWord(f" w{number}", at, at + every_ms - 50, 0.9))
        at += every_ms + (300 if number == gap_after else 0)
    return Hypothesis("".join(w.text for w in words).strip(), "en", 1.0, tuple(words), 0.9)


def test_what_two_decodes_agree_on_long_before_the_end_is_known() -> None:
    assert known(heard(10), 1000, 5_000) == 7


def test_a_place_with_a_gap_is_taken_rather_than_the_last_one() -> None:
    assert known(heard(10, gap_after=5), 1000, 5_300) == 6


def test_nothing_beyond_the_words_agreed_on_is_known() -> None:
    one = heard(10)
    assert known(one, len("w0 w1 w2 w3 w4"), 5_000) == 5


def test_little_is_not_worth_it() -> None:
    assert known(heard(10, every_ms=200), 1000, 2_000) == 0
    assert known(heard(3), 1000, 1_500) == 0
    assert known(Hypothesis("", "en", 1.0), 0, 5_000) == 0


def test_the_whole_is_what_was_known_and_the_tail_at_its_place() -> None:
    kept = heard(3).words
    whole = joined(kept, Hypothesis("w3", "en", 1.0, (HeardWord(" w3", 10, 400, 0.8),)), 1_450)
    assert whole.text == "w0 w1 w2 w3"
    assert (whole.words[-1].start_ms, whole.words[-1].end_ms) == (1_460, 1_850)


def test_a_word_that_lies_on_the_seam_is_said_once() -> None:
    kept = heard(3).words
    tail = Hypothesis("W2, w3", "en", 1.0, (HeardWord(" W2,", 0, 40, 0.8), HeardWord(" w3", 50, 400, 0.8)))
    assert joined(kept, tail, 1_440).text == "w0 w1 w2 w3"


def test_a_tail_without_times_of_words_is_shown_too() -> None:
    assert joined(heard(3).words, Hypothesis("w3 w4", "en", 1.0), 1_450).text == "w0 w1 w2 w3 w4"


def test_the_text_is_that_of_its_words_letter_by_letter() -> None:
    kept = (*heard(2).words, HeardWord(" w2 ", 1_000, 1_400, 0.9))
    whole = joined(kept, Hypothesis("w3", "en", 1.0, (HeardWord(" w3", 10, 400, 0.8),)), 1_450)
    assert whole.text == "".join(word.text for word in whole.words).strip()


def test_a_tail_without_text_stays_without() -> None:
    assert joined(heard(3).words, Hypothesis("", "en", 0.0), 1_450).text == ""


def test_interims_decode_the_tail_alone_and_show_the_whole() -> None:
    run = speak(24, read, begin(interim=True))
    tails = [r for r in run.requests if r.kept]
    assert tails
    assert all(r.kind is Kind.INTERIM for r in tails)
    assert max(samples_to_ms(len(r.pcm)) for r in tails) < 4_500
    assert max(len(numbers(i.heard.text)) for i in run.interims) > 12
    assert all(numbers(i.heard.text) == list(range(len(numbers(i.heard.text)))) for i in run.interims)
    run.end()
    assert [n for f in run.finals for n in numbers(f.heard.text)] == list(range(24))


def test_words_of_a_decode_that_may_have_missed_some_are_decoded_again() -> None:
    def doubtful(request: Request) -> Hypothesis:
        return replace(read(request), sure=False)

    assert not any(request.kept for request in speak(24, doubtful, begin(interim=True)).requests)
