"""What is decoded when, and what is shown of it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.events import Endpointing
from dragoman_scripted.engines import LOUD
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.decodes import Kind, Order, Request, Result, Unrecognised
from dragoman_stt.endpointing import FRAME, FRAME_MS
from dragoman_stt.engines.base import Hypothesis
from dragoman_stt.utterance import UNSEEN_MS
from tests.support.examples import examples
from tests.support.following import (
    PAD,
    PAUSE,
    PHRASES,
    SILENCE,
    SPEECH,
    TAIL,
    Run,
    begin,
    follow,
    numbered,
    read,
    texts,
)


def test_what_two_decodes_agree_on_is_stable_and_revisions_rise() -> None:
    heard = texts("the thick", "the quick brown", "the quick brown fox", "the quick brown fox.")
    run = follow([SPEECH] * 70 + [SILENCE] * 40, decode=heard, interim=True)
    shown = [(r.heard.text[: r.stable], r.revision) for r in run.interims]
    assert shown[:3] == [("", 1), ("the", 2), ("the quick brown", 3)]
    assert run.finals[0].revision == len(run.interims) + 1
    assert {r.utterance for r in run.outputs if isinstance(r, Result)} == {1}


def test_without_interims_nothing_is_decoded_before_the_first_pause() -> None:
    assert not follow([SPEECH] * (UNSEEN_MS // FRAME_MS)).requests


def test_interims_come_every_second_however_long_somebody_speaks() -> None:
    run = follow([SPEECH] * 400, interim=True)
    steps = np.diff([r.end for r in run.windows(Kind.INTERIM)])
    assert len(steps) > 8
    assert max(steps) <= 1200 * 16


def test_when_the_machine_is_short_interims_come_less_often() -> None:
    run = Run(begin(interim=True))
    run.policy.spare_ms = 3000
    for index in range(300):
        run.feed(numbered(index), SPEECH)
    assert 2 <= len(run.windows(Kind.INTERIM)) <= 3


def test_an_interim_is_of_the_newest_audio_when_the_engine_is_slow() -> None:
    run = follow([SPEECH] * 200, interim=True, lag=60)
    assert len(run.requests) == 4
    assert all(len(b.pcm) - len(a.pcm) >= 60 * FRAME for a, b in pairwise(run.requests))


def test_noise_leaves_no_hole_in_the_numbers() -> None:
    heard = texts("", "one", "", "two")
    run = follow(([SPEECH] * 10 + [SILENCE] * 40) * 4, decode=heard)
    assert [(f.utterance, f.heard.text) for f in run.finals] == [(1, "one"), (2, "two")]
    assert run.policy.covered > 3 * 50 * FRAME


def test_an_utterance_that_was_shown_gets_a_final_even_without_text() -> None:
    def heard(request: Request) -> Hypothesis:
        return Hypothesis("oh" if request.kind is Kind.INTERIM else "", "en", 1.0)

    run = follow([SPEECH] * 40 + [SILENCE] * 40, decode=heard, interim=True)
    assert [(f.utterance, f.heard.text) for f in run.finals] == [(1, "")]


def test_a_final_is_never_emptier_than_what_interims_agreed_on() -> None:
    said = "the quick brown fox"
    run = follow(
        [SPEECH] * 100 + [SILENCE] * 40,
        decode=lambda request: Hypothesis(said if request.kind is Kind.INTERIM else "the", "en", 1.0),
        interim=True,
    )
    assert [f.heard.text for f in run.finals] == [said]
    assert run.windows(Kind.SPECULATIVE)[-1].agreed == said


def test_a_request_says_where_there_is_speech() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 10 + [SILENCE] * 4 + [SPEECH] * 10 + [SILENCE] * 40)
    pad = PAD * FRAME_MS
    assert run.requests[-1].speech == (
        (pad, pad + 10 * FRAME_MS),
        (pad + 14 * FRAME_MS, pad + 24 * FRAME_MS),
    )


def test_a_final_that_fails_is_tried_again() -> None:
    said: list[Hypothesis | None] = [None, None, Hypothesis("late", "en", 1.0)]
    run = follow([SPEECH] * 10 + [SILENCE] * 40, decode=lambda _: said.pop(0))
    assert [r.kind for r in run.requests] == [Kind.SPECULATIVE, Kind.FINAL, Kind.FINAL]
    assert [f.heard.text for f in run.finals] == ["late"]


def test_a_final_that_fails_again_is_missed_and_the_next_utterance_goes_on() -> None:
    said: list[Hypothesis | None] = [None, None, None, Hypothesis("next", "en", 1.0)]
    run = follow(([SPEECH] * 10 + [SILENCE] * 40) * 2, decode=lambda _: said.pop(0))
    assert [o for o in run.outputs if isinstance(o, Unrecognised)] == [Unrecognised(1)]
    assert [(f.utterance, f.heard.text) for f in run.finals] == [(2, "next")]


def test_a_too_long_utterance_that_fails_does_not_stop_the_track() -> None:
    run = follow([SPEECH] * 100, Endpointing(max_utterance_ms=1000), decode=lambda _: None, end=True)
    missed = [o.utterance for o in run.outputs if isinstance(o, Unrecognised)]
    assert missed == list(range(1, len(missed) + 1))
    assert run.policy.idle


def test_what_is_wanted_changes_with_the_next_utterance() -> None:
    run = Run(begin(Endpointing(silence_ms=300)))
    for n in range(20):
        run.feed(numbered(n), SPEECH)
    other = Order(
        rpc.RecogniserSpec(source_languages=("fr",), endpointing=Endpointing(silence_ms=900)), ev.WorkOrder()
    )
    run.policy.update(other)
    for n in range(20, 31):
        run.feed(numbered(n), SILENCE)
    assert [f.order.spec.source_languages for f in run.finals] == [()]
    for n in range(31, 90):
        run.feed(numbered(n), SPEECH if n < 60 else SILENCE)
    assert [f.order for f in run.finals][1:] == [other]
    assert run.finals[1].speech_end == 60 * FRAME


@examples(25)
@given(PHRASES, st.lists(st.integers(0, 80), min_size=1, max_size=8), st.booleans())
def test_every_word_is_in_one_final_however_long_people_talk_and_however_slow_the_engine_is(
    phrases: list[tuple[int, int]], lags: list[int], interim: bool
) -> None:
    pcm, said = b"", 0
    for silence, words in phrases:
        pcm += bytes(2 * silence) + words_to_pcm(list(range(said, said + words)))
        said += words
    frames = np.frombuffer(pcm + bytes(-len(pcm) % (2 * FRAME)), np.int16).reshape(-1, FRAME)
    turn = iter(lags * 1000)
    run = Run(begin(interim=interim), read, lambda: next(turn))
    for frame in frames:
        run.feed(frame, 1.0 if np.abs(frame).max() > LOUD else 0.0)
    run.end()
    assert [n for final in run.finals for n in numbers(final.heard.text)] == list(range(said))
    assert [f.utterance for f in run.finals] == list(range(1, len(run.finals) + 1))


def test_a_too_long_utterance_is_cut_between_two_words() -> None:
    pcm = words_to_pcm(list(range(40)))  # 9.6 s without a pause
    frames = np.frombuffer(pcm + bytes(-len(pcm) % (2 * FRAME)), np.int16).reshape(-1, FRAME)
    run = Run(begin(Endpointing(max_utterance_ms=3000)), read)
    for frame in frames:
        run.feed(frame, 1.0)
    run.end()
    assert len(run.finals) >= 4
    assert [n for final in run.finals for n in numbers(final.heard.text)] == list(range(40))
    for final in run.finals:
        assert final.covered - final.onset <= 3000 * 16
        for word in final.heard.words:
            assert 0 <= word.start_ms < word.end_ms <= (final.covered - final.start) // 16 + 1


def test_a_long_utterance_ends_at_the_pause_after_a_sentence() -> None:
    heard = texts("It was so.", "And then")
    wanted = Endpointing(silence_ms=2000, max_utterance_ms=3000)
    run = follow([SPEECH] * 60 + [SILENCE] * 20 + [SPEECH] * 20, wanted, decode=heard)
    assert [f.heard.text for f in run.finals] == ["It was so."]
    assert run.finals[0].covered == (60 + PAUSE) * FRAME


def test_nothing_is_decoded_when_only_silence_follows_a_cut() -> None:
    wanted = Endpointing(silence_ms=2000, max_utterance_ms=3000)
    run = follow([SPEECH] * 60 + [SILENCE] * 100, wanted, decode=texts("It was so."))
    assert len(run.requests) == 1
    assert run.policy.idle


def test_english_of_a_cut_utterance_is_of_the_same_audio_as_its_text() -> None:
    def heard(request: Request) -> Hypothesis:
        return replace(read(request), english=f"{len(numbers(read(request).text))} words")

    frames = np.frombuffer(words_to_pcm(list(range(20))), np.int16)
    run = Run(begin(Endpointing(max_utterance_ms=3000)), heard)
    for frame in frames[: len(frames) // FRAME * FRAME].reshape(-1, FRAME):
        run.feed(frame, 1.0)
    run.end()
    assert [f.heard.english for f in run.finals] == [
        f"{len(numbers(f.heard.text))} words" for f in run.finals
    ]
    assert len(run.finals) >= 2


@pytest.mark.parametrize("first", [0, 7, 123_456])
def test_times_are_the_same_wherever_the_track_begins(first: int) -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 20 + [SILENCE] * 40, first=first)
    assert [(f.start - first, f.covered - first) for f in run.finals] == [
        ((40 - PAD) * FRAME, (60 + TAIL) * FRAME)
    ]
