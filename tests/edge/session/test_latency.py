"""What is recorded of an utterance: when it was spoken, how much later each result came, what is missing."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import Histogram

from dragoman_contract import events as ev
from dragoman_edge import metrics
from dragoman_edge.media.replay_buffer import ReplayBuffer
from dragoman_edge.session.latency import REMEMBERED, LatencyRecorder
from dragoman_kit import telemetry
from tests.support.mesh_events import chunk, failure, final, interim, translation

SECOND = bytes(32_000)


class Clock:
    """Monotonic and Unix time that the test moves, and the spans that were written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.spans: list[dict[str, Any]] = []
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: self.now + 1000)
        monkeypatch.setattr(time, "time_ns", lambda: int((self.now + 1000) * 1e9))
        monkeypatch.setattr(telemetry, "record_utterance", self._record)
        self.ring = ReplayBuffer(10**9)
        for second in range(4):  # sample 16 000 * n came at 97 + n s
            self.ring.append(SECOND, 97.0 + second)

    def _record(
        self, session: str, track: int, utterance: int, began: int, ended: int, attributes: Mapping[str, Any]
    ) -> None:
        self.spans.append({**attributes, "began": began / 1e9, "ended": ended / 1e9})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def said(n: int = 1, languages: tuple[str, ...] = ("es",), speech: bool = True) -> ev.Transcript:
    """Spoken from 1 s to 3 s of the track: it came at 98 s to 99 s."""
    return replace(final(n, languages=languages, speech=speech), start_ms=1000, duration_ms=2000)


def count(histogram: Histogram, **labels: str) -> float:
    found = histogram.labels(**labels) if labels else histogram
    return sum(s.value for metric in found.collect() for s in metric.samples if s.name.endswith("_count"))


def test_an_utterance_is_written_once_all_its_results_are_out(clock: Clock) -> None:
    recorder = LatencyRecorder("s_1")
    clock.now = 99.5
    recorder.observe(said(), clock.ring)
    clock.now = 99.7
    recorder.observe(translation(1), None)
    clock.now = 100.0
    recorder.observe(chunk(1, 0, 5, 9), None)
    assert not clock.spans
    clock.now = 101.0
    recorder.observe(chunk(1, 5, 9, 9), None)
    (span,) = clock.spans
    assert span == {
        "session": "s_1", "track": 0, "utterance": 1, "epoch": 1, "speech_ms": 1000, "failures": 0,
        "complete": True, "after_speech.transcript_ms": 500, "after_speech.translation_ms": 700,
        "after_speech.first_audio_ms": 1000, "began": 1098.0, "ended": 1101.0,
    }  # fmt: skip
    recorder.close()
    assert len(clock.spans) == 1


def test_nothing_but_the_transcript_may_be_wanted(clock: Clock) -> None:
    recorder = LatencyRecorder("s_1")
    recorder.observe(said(languages=()), clock.ring)
    assert [span["complete"] for span in clock.spans] == [True]


def test_each_language_is_waited_for(clock: Clock) -> None:
    recorder = LatencyRecorder("s_1")
    recorder.observe(said(languages=("es", "fr"), speech=False), clock.ring)
    recorder.observe(translation(1, "fr"), None)
    assert not clock.spans
    recorder.observe(translation(1, "es"), None)
    assert len(clock.spans) == 1


@pytest.mark.parametrize("stage", [ev.Stage.TRANSLATION, ev.Stage.TTS])
def test_a_failure_is_counted_and_waited_for_no_more(clock: Clock, stage: ev.Stage) -> None:
    recorder = LatencyRecorder("s_1")
    recorder.observe(said(), clock.ring)
    recorder.observe(failure(1, stage, "es"), None)
    (span,) = clock.spans
    assert (span["failures"], span["complete"]) == (1, True)


def test_a_session_that_ends_writes_what_is_incomplete(clock: Clock) -> None:
    recorder = LatencyRecorder("s_1")
    recorder.observe(said(1), clock.ring)
    recorder.observe(said(2), clock.ring)
    recorder.close()
    assert [(span["utterance"], span["complete"]) for span in clock.spans] == [(1, False), (2, False)]


def test_what_is_remembered_is_bounded(clock: Clock) -> None:
    recorder = LatencyRecorder("s_1")
    for number in range(1, REMEMBERED + 3):
        recorder.observe(said(number), clock.ring)
    assert [span["utterance"] for span in clock.spans] == [1, 2]


@pytest.mark.parametrize(
    ("event", "kept"),
    [(replace(said(), text=""), True), (said(), False), (replace(said(), start_ms=9000), True)],
    ids=["no text", "no audio kept", "audio that never came"],
)
def test_without_its_words_or_its_audio_nothing_can_be_said_of_it(
    clock: Clock, event: ev.Transcript, kept: bool
) -> None:
    recorder = LatencyRecorder("s_1")
    recorder.observe(event, clock.ring if kept else None)
    recorder.observe(translation(1), None)
    recorder.observe(failure(1, ev.Stage.TTS, "es"), None)
    recorder.close()
    assert not clock.spans


def test_where_only_the_end_of_the_audio_is_kept_its_length_tells_the_beginning(clock: Clock) -> None:
    clock.ring.ack(32_000)
    recorder = LatencyRecorder("s_1")
    recorder.observe(said(languages=()), clock.ring)
    assert clock.spans[0]["speech_ms"] == 2000


def test_the_first_interim_of_an_utterance_is_timed_from_its_first_sample(clock: Clock) -> None:
    before, total = count(metrics.FIRST_INTERIM), metrics.FIRST_INTERIM._sum.get()
    recorder = LatencyRecorder("s_1")
    for event in (
        replace(interim(1, 1), text="", start_ms=1000),
        replace(interim(1, 2), start_ms=1000),
        replace(interim(1, 3), start_ms=1000),
    ):
        recorder.observe(event, clock.ring)
    assert count(metrics.FIRST_INTERIM) - before == 1
    assert metrics.FIRST_INTERIM._sum.get() - total == pytest.approx(2.0)
    recorder.observe(replace(interim(2, 1), start_ms=1000), clock.ring)
    recorder.observe(replace(interim(3, 1), start_ms=9000), clock.ring)  # never came
    assert count(metrics.FIRST_INTERIM) - before == 2


def test_results_are_timed_from_the_end_of_speech(clock: Clock) -> None:
    names = ("transcript", "translation", "first_audio")
    before = {name: count(metrics.AFTER_SPEECH, result=name) for name in names}
    recorder = LatencyRecorder("s_1")
    for event in (said(), translation(1), chunk(1, 0, 5, 9), chunk(1, 5, 9, 9)):
        recorder.observe(event, clock.ring)
    assert [count(metrics.AFTER_SPEECH, result=name) - before[name] for name in names] == [1, 1, 1]
