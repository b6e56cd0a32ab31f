"""Finals while the speaker goes on."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.events import Endpointing
from dragoman_scripted.engines import LOUD
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.decodes import Kind, Request, Result
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import HeardWord, Hypothesis
from tests.support.examples import examples
from tests.support.following import (
    PHRASES,
    SILENCE,
    SPEECH,
    Run,
    begin,
    follow,
    in_sentences,
    read,
    speak,
)


def test_a_sentence_is_a_final_while_the_speaker_goes_on() -> None:
    run = speak(60, in_sentences(10), begin(interim=True))
    assert [numbers(f.heard.text)[-1] for f in run.finals][:4] == [9, 19, 29, 39]
    assert max(f.covered - f.start for f in run.finals) < 6 * 16_000
    run.end()
    assert [n for f in run.finals for n in numbers(f.heard.text)] == list(range(60))
    assert [f.utterance for f in run.finals] == list(range(1, len(run.finals) + 1))


def test_without_sentences_a_final_comes_after_some_seconds() -> None:
    run = speak(100, read, begin(interim=True))
    assert max(f.covered - f.start for f in run.finals) < 13 * 16_000
    assert len(run.finals) >= 1
    run.end()
    assert [n for f in run.finals for n in numbers(f.heard.text)] == list(range(100))


def test_a_part_is_decoded_with_the_words_before_it() -> None:
    run = speak(60, in_sentences(10), begin(interim=True))
    assert run.requests[0].before == ""
    whole = [request for request in run.requests if not request.kept]
    assert whole[-1].before in [f.heard.text for f in run.finals]


def test_without_segments_there_is_no_final_before_the_pause() -> None:
    policy = begin(interim=True)
    policy.segments = False
    assert not speak(40, in_sentences(10), policy).finals


def test_whoever_says_how_long_an_utterance_may_be_is_cut_at_sentences_only() -> None:
    assert not speak(80, read, begin(Endpointing(max_utterance_ms=25_000), interim=True)).finals


def test_where_another_language_begins_is_an_endpoint() -> None:
    policy = begin()
    pcm = words_to_pcm([1, 2, 3, 4]) + bytes(2 * 6_000) + words_to_pcm([5, 6, 7, 8]) + bytes(2 * 16_000)
    decodes: list[tuple[Kind, int]] = []
    finals: list[Result] = []
    for frame in np.frombuffer(pcm[: len(pcm) // (2 * FRAME) * 2 * FRAME], np.int16).reshape(-1, FRAME):
        policy.feed(frame, 1.0 if np.abs(frame).max() > LOUD else 0.0)
        while (request := policy.next()) is not None:
            length_ms = len(request.pcm) // 16
            decodes.append((request.kind, length_ms))
            change = 0 if finals or length_ms < 1700 or len(decodes) > 20 else length_ms // 2
            heard = Hypothesis("" if change else f"part {length_ms}", "es", 0.9, change_ms=change)
            finals += [o for o in policy.heard(heard) if isinstance(o, Result) and o.final]
    assert [final.utterance for final in finals] == [1, 2]
    assert finals[0].covered <= finals[1].onset  # nothing is heard twice
    assert policy.idle


@examples(15)
@given(st.integers(2, 15), st.integers(0, 60), PHRASES)
def test_sentences_that_become_finals_lose_and_repeat_no_word(
    every: int, lag: int, phrases: list[tuple[int, int]]
) -> None:
    pcm, said = b"", 0
    for silence, words in phrases:
        pcm += bytes(2 * silence) + words_to_pcm(list(range(said, said + words)))
        said += words
    run = Run(begin(interim=True), in_sentences(every), lambda: lag)
    for frame in np.frombuffer(pcm + bytes(-len(pcm) % (2 * FRAME)), np.int16).reshape(-1, FRAME):
        run.feed(frame, 1.0 if np.abs(frame).max() > LOUD else 0.0)
    run.end()
    assert [n for f in run.finals for n in numbers(f.heard.text)] == list(range(said))
    assert all(a.covered <= b.start for a, b in pairwise(run.finals))


def test_without_interims_sentences_become_finals_too() -> None:
    run = speak(100, in_sentences(10), begin())
    assert not run.interims
    assert max(f.covered - f.start for f in run.finals) < 9 * 16_000
    assert len(run.finals) >= 2
    run.end()
    assert [n for f in run.finals for n in numbers(f.heard.text)] == list(range(100))


def test_when_the_machine_is_short_what_is_settled_becomes_a_final_after_one_decode() -> None:
    def never_the_same(request: Request) -> Hypothesis:
        plain = in_sentences(5)(request)
        assert plain is not None
        words = tuple(replace(word, text=f" {request.end}{word.text.strip()}") for word in plain.words)
        return replace(plain, text="".join(word.text for word in words).strip(), words=words)

    def finals(spare_ms: int) -> int:
        policy = begin(interim=True)
        policy.spare_ms = spare_ms
        return len(speak(50, never_the_same, policy).finals)

    assert finals(0) == 0
    assert finals(3_000) >= 3


@pytest.mark.parametrize("sure", [True, False])
def test_words_behind_a_seam_are_a_final_ahead_only_where_none_was_missed(sure: bool) -> None:
    said = ["one", "two", "three.", "four", "five", "six"]
    words = tuple(HeardWord(f" {word}", n * 300, n * 300 + 250, 0.9) for n, word in enumerate(said))
    whole = Hypothesis(" ".join(said), "en", 1.0, words, 0.9, sure=sure)
    run = follow([SPEECH] * 110 + [SILENCE] * 40, decode=lambda request: whole)
    assert run.finals[0].heard.text == "one two three."
    assert bool(run.windows(Kind.FINAL)) is not sure
