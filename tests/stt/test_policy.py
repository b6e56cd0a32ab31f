"""Utterances from made-up voice-activity probabilities, and what is decoded and shown of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.events import Endpointing
from dragoman_scripted.engines import LOUD, ScriptedRecogniser
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.decodes import Activity, Kind, Order, Output, Request, Result, Unrecognised
from dragoman_stt.endpointing import DEFAULTS, FRAME, FRAME_MS, PAUSE_MS, with_defaults
from dragoman_stt.engines.base import DecodeOptions, Hypothesis, Pcm
from dragoman_stt.policy import Policy

SPEECH, SILENCE = 0.9, 0.0
PAD = DEFAULTS.speech_pad_ms // FRAME_MS
TAIL = PAUSE_MS // FRAME_MS
ENDPOINT = -(-DEFAULTS.silence_ms // FRAME_MS)
ONSET = DEFAULTS.min_speech_ms // FRAME_MS
Decode = Callable[[Request], Hypothesis | None]


def same(request: Request) -> Hypothesis:
    """A decoder that always hears one word."""
    return Hypothesis("word", "en", 1.0)


@dataclass
class Run:
    """Feeds a policy, decodes at once (or after `lag` frames) and keeps what happened."""

    policy: Policy
    decode: Decode = same
    lag: Callable[[], int] = lambda: 0
    requests: list[Request] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    held: int = 0
    covered: list[int] = field(default_factory=list)
    _asked: Request | None = None
    _left: int = 0

    def feed(self, frame: Pcm, probability: float) -> None:
        """One frame, and the decodes that are over by then."""
        self.outputs += self.policy.feed(frame, probability)
        self._left -= 1
        self._work()
        self.held = max(self.held, len(self.policy._listener.audio))
        self.covered.append(self.policy.covered)

    def end(self) -> None:
        """Flush, and let all decodes come to their ends."""
        self.outputs += self.policy.flush()
        while not self.policy.idle:
            self._left = 0
            self._work()

    def _work(self) -> None:
        while True:
            if self._asked is not None and self._left <= 0:
                heard = self.decode(self._asked)
                self.outputs += self.policy.failed() if heard is None else self.policy.heard(heard)
                self._asked = None
            if self._asked is not None or (request := self.policy.next()) is None:
                return
            self._asked, self._left = request, self.lag()
            self.requests.append(request)

    @property
    def finals(self) -> list[Result]:
        """In the order in which they came."""
        return [o for o in self.outputs if isinstance(o, Result) and o.final]

    @property
    def interims(self) -> list[Result]:
        """In the order in which they came."""
        return [o for o in self.outputs if isinstance(o, Result) and not o.final]

    @property
    def activity(self) -> list[Activity]:
        """In the order in which it came."""
        return [o for o in self.outputs if isinstance(o, Activity)]

    def windows(self, kind: Kind) -> list[Request]:
        """What was decoded for this reason."""
        return [r for r in self.requests if r.kind is kind]


def begin(wanted: Endpointing | None = None, interim: bool = False, first: int = 0) -> Policy:
    """A policy with these knobs."""
    spec = rpc.RecogniserSpec(interim=interim, endpointing=wanted or Endpointing())
    return Policy(Order(spec, ev.WorkOrder()), first, 1)


def numbered(index: int) -> Pcm:
    """A frame whose samples are its number, so that a lost or doubled frame is seen."""
    return np.full(FRAME, index % 30_000, np.int16)


def follow(
    probabilities: list[float],
    wanted: Endpointing | None = None,
    *,
    decode: Decode = same,
    interim: bool = False,
    first: int = 0,
    end: bool = False,
    lag: int = 0,
) -> Run:
    """Feed numbered frames with these probabilities."""
    run = Run(begin(wanted, interim, first), decode, lambda: lag)
    for index, probability in enumerate(probabilities):
        run.feed(numbered(index), probability)
    if end:
        run.end()
    return run


def frames_of(request: Request) -> list[int]:
    """The numbers of the frames in a window."""
    return [int(n) for n in request.pcm[::FRAME]]


# When an utterance begins and ends


def test_an_utterance_begins_with_its_pad_and_ends_behind_its_tail() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 20 + [SILENCE] * 40)
    (window,) = run.requests
    assert frames_of(window) == list(range(40 - PAD, 60 + TAIL))
    (final,) = run.finals
    assert final.start == (40 - PAD) * FRAME
    assert (final.onset, final.speech_end) == (40 * FRAME, 60 * FRAME)
    assert final.covered == (60 + TAIL) * FRAME
    assert run.activity == [Activity(True, 40 * FRAME), Activity(False, 60 * FRAME)]


def test_samples_are_counted_from_the_first_sample_of_the_track() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * 40, first=1_000_001)
    assert run.finals[0].start == 1_000_001


def test_the_endpoint_comes_after_the_silence_and_not_before() -> None:
    speech = [SILENCE] * 20 + [SPEECH] * 20
    assert not follow(speech + [SILENCE] * (ENDPOINT - 1)).finals
    assert len(follow(speech + [SILENCE] * ENDPOINT).finals) == 1


def test_a_pause_shorter_than_the_endpoint_does_not_end_the_utterance() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * (ENDPOINT - 1) + [SPEECH] * 10 + [SILENCE] * 40)
    assert len(run.finals) == 1
    assert len(run.windows(Kind.SPECULATIVE)) == 2


def test_a_final_that_was_decoded_in_the_pause_is_out_at_the_endpoint() -> None:
    run = follow([SILENCE] * 20 + [SPEECH] * 20 + [SILENCE] * ENDPOINT)
    assert [r.kind for r in run.requests] == [Kind.SPECULATIVE]
    assert len(run.finals) == 1


def test_a_decode_that_is_still_running_at_the_endpoint_is_used_when_it_comes() -> None:
    run = follow([SILENCE] * 20 + [SPEECH] * 20 + [SILENCE] * 60, lag=20)
    assert [r.kind for r in run.requests] == [Kind.SPECULATIVE]
    assert len(run.finals) == 1


def test_a_decode_of_a_pause_after_which_speech_went_on_is_not_the_final() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * TAIL + [SPEECH] * 10 + [SILENCE] * 60, lag=8)
    assert len(run.finals) == 1
    assert frames_of(run.requests[-1]) == list(range(20 + 2 * TAIL))


def test_a_click_is_no_utterance() -> None:
    run = follow(([SPEECH] * (ONSET - 1) + [SILENCE] * 5) * 10, end=True)
    assert not run.requests
    assert not run.activity


def test_flush_ends_the_open_utterance_at_once() -> None:
    run = follow([SPEECH] * 10, end=True)
    assert frames_of(run.requests[-1]) == list(range(10))
    assert len(run.finals) == 1
    assert run.policy.flush() == []


def test_covered_stays_at_the_beginning_of_an_open_utterance() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 100)
    assert run.policy.covered == (40 - PAD) * FRAME


# What is shown


def texts(*said: str) -> Decode:
    """A decoder that hears these one after the other, and then the last one again."""
    left = list(said)
    return lambda request: Hypothesis(left.pop(0) if len(left) > 1 else left[0], "en", 1.0)


def test_what_two_decodes_agree_on_is_stable_and_revisions_rise() -> None:
    heard = texts("the thick", "the quick brown", "the quick brown fox", "the quick brown fox.")
    run = follow([SPEECH] * 70 + [SILENCE] * 40, decode=heard, interim=True)
    shown = [(r.heard.text[: r.stable], r.revision) for r in run.interims]
    assert shown[:3] == [("", 1), ("the", 2), ("the quick brown", 3)]
    assert run.finals[0].revision == len(run.interims) + 1
    assert {r.utterance for r in run.outputs if isinstance(r, Result)} == {1}


def test_without_interims_nothing_is_decoded_before_the_first_pause() -> None:
    assert not follow([SPEECH] * 200).requests


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
    assert len(run.requests) == 3
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


# Changes


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


# Knobs


def test_zero_means_the_default() -> None:
    filled = with_defaults(Endpointing())
    assert replace(filled, first_min_speech_ms=0) == DEFAULTS
    assert filled.first_min_speech_ms == DEFAULTS.min_speech_ms


def test_an_utterance_is_never_longer_than_an_engine_can_decode() -> None:
    assert with_defaults(Endpointing(max_utterance_ms=600_000)).max_utterance_ms < 30_000


def test_a_higher_speech_threshold_hears_less() -> None:
    said = [0.5] * 20 + [SILENCE] * 40
    assert follow(said).finals
    assert not follow(said, Endpointing(speech_threshold=0.6)).finals


def test_a_higher_silence_threshold_ends_earlier() -> None:
    said = [SPEECH] * 10 + [0.3] * 40
    assert not follow(said).finals
    assert follow(said, Endpointing(silence_threshold=0.35)).finals


def test_silence_ms_moves_the_endpoint() -> None:
    said = [SPEECH] * 10 + [SILENCE] * 30
    assert not follow(said, Endpointing(silence_ms=1000)).finals
    assert follow(said, Endpointing(silence_ms=900)).finals


def test_an_endpoint_sooner_than_the_pause_is_obeyed() -> None:
    run = follow([SPEECH] * 10 + [SILENCE] * 5, Endpointing(silence_ms=4 * FRAME_MS))
    assert [r.kind for r in run.requests] == [Kind.FINAL]
    assert run.finals[0].covered == 14 * FRAME


def test_the_initial_part_of_a_track_can_be_ignored() -> None:
    run = follow([SPEECH] * 100, Endpointing(ignore_initial_ms=50 * FRAME_MS))
    assert run.activity == [Activity(True, 50 * FRAME)]


def test_quiet_frames_count_as_silence_below_the_volume_that_is_wanted() -> None:
    policy = begin(Endpointing(min_volume_db=-30))
    quiet, loud = np.full(FRAME, 100, np.int16), np.full(FRAME, 8000, np.int16)
    assert not [item for _ in range(20) for item in policy.feed(quiet, SPEECH)]
    assert [item for _ in range(20) for item in policy.feed(loud, SPEECH)] == [Activity(True, 20 * FRAME)]


def test_only_the_first_utterance_must_be_longer() -> None:
    wanted = Endpointing(first_min_speech_ms=10 * FRAME_MS)
    short = [SPEECH] * ONSET + [SILENCE] * 40
    assert not follow(short * 3, wanted).finals
    assert len(follow([SPEECH] * 10 + [SILENCE] * 40 + short, wanted).finals) == 2


def test_a_smaller_pad_keeps_less_before_the_speech() -> None:
    run = follow([SILENCE] * 40 + [SPEECH] * 10, Endpointing(speech_pad_ms=2 * FRAME_MS), end=True)
    assert run.finals[0].start == 38 * FRAME


def test_silence_is_counted_within_its_window_although_clicks_interrupt_it() -> None:
    clicking = [SILENCE] * 40 + [SPEECH] * 10 + ([SILENCE] * 5 + [SPEECH]) * 20
    wanted = Endpointing(silence_ms=10 * FRAME_MS)
    assert not follow(clicking, wanted).finals
    windowed = replace(wanted, silence_window_ms=14 * FRAME_MS)
    assert follow(clicking, windowed).finals


def test_the_silence_before_the_speech_is_not_counted_in_the_silence_window() -> None:
    wanted = Endpointing(silence_ms=5 * FRAME_MS, silence_window_ms=50 * FRAME_MS)
    assert not follow([SILENCE] * 40 + [SPEECH] * 10, wanted).finals


def test_speech_is_told_only_after_as_much_as_interrupts() -> None:
    wanted = Endpointing(interrupt_min_speech_ms=10 * FRAME_MS)
    run = follow([SPEECH] * 9 + [SILENCE] * 40 + [SPEECH] * 12 + [SILENCE] * 40, wanted)
    assert len(run.finals) == 2
    assert run.activity == [Activity(True, 49 * FRAME), Activity(False, 61 * FRAME)]


def test_pauses_do_not_count_as_speech_that_interrupts() -> None:
    wanted = Endpointing(interrupt_min_speech_ms=10 * FRAME_MS)
    run = follow(([SPEECH] * 4 + [SILENCE] * 2) * 2 + [SILENCE] * 40, wanted)
    assert len(run.finals) == 1 and not run.activity


# For any probabilities

CHANCES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.3, 0.5, 1.0]), st.integers(1, 40)), max_size=30
).map(lambda runs: [p for p, count in runs for _ in range(count)])
KNOBS = st.builds(
    Endpointing,
    silence_ms=st.sampled_from([0, 100, 300, 1000]),
    max_utterance_ms=st.sampled_from([0, 1000, 3000]),
    min_speech_ms=st.sampled_from([0, 32, 300]),
    speech_pad_ms=st.sampled_from([0, 32, 1000]),
    silence_window_ms=st.sampled_from([0, 200, 2000]),
)
LAGS = st.sampled_from([0, 3, 30])


# An utterance that ends, by the silence after it, while the decode that is to cut it is on its way.
@example([0.5] * 5 + [0.0] * 27, Endpointing(silence_ms=1000, max_utterance_ms=1000), 3, False)
@example([0.5] * 3 + [0.0] * 29, Endpointing(silence_ms=1000, max_utterance_ms=1000), 3, False)
@given(CHANCES, KNOBS, LAGS, st.booleans())
def test_finals_are_in_order_and_never_overlap_and_hold_the_samples_they_say(
    probabilities: list[float], wanted: Endpointing, lag: int, interim: bool
) -> None:
    run = follow(probabilities, wanted, end=True, lag=lag, interim=interim)
    assert [f.utterance for f in run.finals] == list(range(1, len(run.finals) + 1))
    end = 0
    for final in run.finals:
        assert end <= final.start <= final.onset <= final.speech_end <= final.covered
        end = final.covered
    for request in run.requests:
        first = request.start // FRAME
        assert request.start % FRAME or frames_of(request)[:1] == [first]


@given(CHANCES, KNOBS, LAGS, st.booleans())
def test_every_frame_of_speech_after_an_onset_is_in_a_final(
    probabilities: list[float], wanted: Endpointing, lag: int, interim: bool
) -> None:
    run = follow(probabilities, wanted, end=True, lag=lag, interim=interim)
    begun = [a.at for a in run.activity if a.speaking]
    ended = [a.at for a in run.activity if not a.speaking]
    for onset, speech_end in zip(begun, ended, strict=True):
        inside = sorted(
            (f.start, f.covered) for f in run.finals if f.covered > onset and f.start < speech_end
        )
        assert inside[0][0] <= onset
        assert inside[-1][1] >= speech_end
        assert all(before[1] == after[0] for before, after in pairwise(inside))


@given(CHANCES, KNOBS, LAGS)
def test_covered_never_goes_back_nor_past_what_is_not_final(
    probabilities: list[float], wanted: Endpointing, lag: int
) -> None:
    run = follow(probabilities, wanted, end=True, lag=lag)
    assert run.covered == sorted(run.covered)
    for number, covered in enumerate(run.covered):
        later = [f for f in run.finals if f.covered > (number + 1) * FRAME]
        assert not later or covered <= later[0].start


@given(CHANCES, KNOBS)
def test_the_audio_held_is_bounded(probabilities: list[float], wanted: Endpointing) -> None:
    run = follow(probabilities, wanted)
    knobs = with_defaults(wanted)
    most = knobs.max_utterance_ms + knobs.speech_pad_ms + knobs.min_speech_ms + knobs.silence_ms
    assert run.held * FRAME_MS <= most + 4 * FRAME_MS


# With words in the audio

PHRASES = st.lists(
    st.tuples(st.integers(3_000, 20_000), st.sampled_from([1, 2, 5, 20, 90])), min_size=1, max_size=4
)
ENGINE = ScriptedRecogniser()


def read(request: Request) -> Hypothesis:
    """The words in a window."""
    final = request.kind is not Kind.INTERIM
    return ENGINE.decode(request.pcm.astype(np.float32) / 32768, DecodeOptions(final=final))


@settings(max_examples=25, deadline=None)
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
    assert run.finals[0].covered == (60 + TAIL) * FRAME


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


# Finals while the speaker goes on


def in_sentences(every: int) -> Decode:
    """The words in a window, with a full stop behind each so many."""

    def heard(request: Request) -> Hypothesis:
        plain = read(request)
        words = tuple(
            replace(word, text=f"{word.text}." if (numbers(word.text)[0] + 1) % every == 0 else word.text)
            for word in plain.words
        )
        return replace(plain, text="".join(word.text for word in words).strip(), words=words)

    return heard


def speak(words: int, decode: Decode, policy: Policy, lag: int = 0) -> Run:
    """So many words without a pause."""
    pcm = words_to_pcm(list(range(words)))
    run = Run(policy, decode, lambda: lag)
    for frame in np.frombuffer(pcm + bytes(-len(pcm) % (2 * FRAME)), np.int16).reshape(-1, FRAME):
        run.feed(frame, 1.0)
    return run


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
    assert run.requests[-1].before == run.finals[-1].heard.text


def test_without_segments_there_is_no_final_before_the_pause() -> None:
    policy = begin(interim=True)
    policy.segments = False
    assert not speak(40, in_sentences(10), policy).finals


def test_whoever_says_how_long_an_utterance_may_be_is_cut_at_sentences_only() -> None:
    assert not speak(80, read, begin(Endpointing(max_utterance_ms=25_000), interim=True)).finals


@settings(max_examples=15, deadline=None)
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
