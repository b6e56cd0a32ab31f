"""Long speech: no word is lost or said twice, finals come in time, and what is held of it is bounded."""

from functools import partial

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.decodes import Request
from dragoman_stt.endpointing import FRAME, FRAME_MS
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.words import ANY_AFTER_MS
from tests.support.following import SILENCE, SPEECH, Run, begin

pytestmark = pytest.mark.integration  # seconds of computing

WORD = 8  # frames
SENTENCE = 9  # words
MINUTE = 60 * SAMPLE_RATE // FRAME  # frames
HUSH = np.zeros(FRAME, np.int16)
LONGEST = (ANY_AFTER_MS + 3_000) * SAMPLE_RATE // 1000  # samples from the beginning of a window to its final


def silent(number: int) -> bool:
    """Whether a speaker who pauses says nothing at the place of a word: a second in each 13."""
    return number % 50 >= 46


def spoken(request: Request, pauses: bool = False) -> Hypothesis:
    """The words that lie in a window whole: each has its place in the track as its name."""
    first, last = -(-request.start // (WORD * FRAME)), request.speech_end // (WORD * FRAME)
    said = (number for number in range(first, last) if not (pauses and silent(number)))
    words = tuple(_word(number, request.start) for number in said)
    text = "".join(word.text for word in words).strip()
    return Hypothesis(text, "en", 1.0, words, confidence=0.9)


def _word(number: int, start: int) -> HeardWord:
    end = "." if number % SENTENCE == SENTENCE - 1 else ""
    first_ms = (number * WORD * FRAME - start) * 1000 // SAMPLE_RATE
    return HeardWord(f" {number}{end}", first_ms, first_ms + (WORD - 1) * FRAME_MS, 0.9)


def hear(run: Run, minutes: int, pauses: bool = False) -> list[int]:
    """Feed speech; the numbers of the words in it."""
    numbers = range(minutes * MINUTE // WORD)
    for number in numbers:
        for _ in range(WORD):
            run.feed(HUSH, SILENCE if pauses and silent(number) else SPEECH)
        run.requests.clear()  # they hold their audio
    run.end()
    return [number for number in numbers if not (pauses and silent(number))]


def words(run: Run) -> list[int]:
    """The words of all finals."""
    return [int(word.strip(".")) for final in run.finals for word in final.heard.text.split()]


@pytest.mark.parametrize("late", [0, 60])
def test_five_minutes_without_a_pause_become_finals_while_the_speaker_goes_on(late: int) -> None:
    run = Run(begin(interim=True), spoken, lambda: late)
    said = hear(run, 5)
    assert words(run) == said
    assert run.held <= LONGEST + late * FRAME
    assert len(run.finals) >= 5 * 60 / (ANY_AFTER_MS / 1000)


def test_an_hour_of_speech_with_pauses_is_heard_once_from_end_to_end() -> None:
    run = Run(begin(interim=True), partial(spoken, pauses=True))
    said = hear(run, 60, pauses=True)
    assert words(run) == said
    assert run.held <= LONGEST
    assert [final.utterance for final in run.finals] == list(range(1, len(run.finals) + 1))


def test_an_hour_without_interims_holds_no_more() -> None:
    run = Run(begin(), spoken)
    said = hear(run, 60)
    assert words(run) == said
    assert run.held <= LONGEST
