"""Times of each result of an utterance: the histograms, and the root span of its trace."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field

from dragoman_contract import events as ev
from dragoman_contract.audio import ms_to_samples
from dragoman_edge import metrics
from dragoman_edge.media.replay_buffer import ReplayBuffer
from dragoman_kit import telemetry

REMEMBERED = 64  # utterances whose later results are still expected
Key = tuple[int, int]  # track and utterance


@dataclass(slots=True)
class _Moments:
    """Of one utterance, in monotonic seconds; `awaited` are the results that are still to come."""

    began: float
    ended: float
    epoch: int
    awaited: set[tuple[ev.Stage, str]]
    stages: dict[str, int] = field(default_factory=dict)  # ms after the end of speech
    failures: int = 0


class LatencyRecorder:
    """One per session; fed with what is released to the client."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._utterances: OrderedDict[Key, _Moments] = OrderedDict()
        self._first: dict[int, int] = {}  # track: utterance that has shown an interim

    def observe(self, event: ev.Event, ring: ReplayBuffer | None) -> None:
        """Record one released result; `ring` is that of its track, before the audio is forgotten."""
        match event:
            case ev.Transcript(final=False) if ring is not None:
                self._interim(event, ring)
            case ev.Transcript(final=True, text=text) if text and ring is not None:
                self._begin(event, ring)
                self._came("transcript", event.track, event.utterance)
            case ev.Translation(final=True):
                self._came("translation", event.track, event.utterance)
                self._done(event, ev.Stage.TRANSLATION)
            case ev.SpeechChunk():
                if event.sample_offset == 0:
                    self._came("first_audio", event.track, event.utterance)
                if event.last:
                    self._done(event, ev.Stage.TTS)
            case ev.Failure():
                self._failed(event)

    def close(self) -> None:
        """The session is over: what did not come will not come."""
        while self._utterances:
            self._record(*self._utterances.popitem(last=False))

    def _interim(self, event: ev.Transcript, ring: ReplayBuffer) -> None:
        if self._first.get(event.track) == event.utterance or not event.text:
            return
        began = ring.arrival(ms_to_samples(event.start_ms))
        if began is not None:
            self._first[event.track] = event.utterance
            metrics.FIRST_INTERIM.observe(time.monotonic() - began)

    def _begin(self, event: ev.Transcript, ring: ReplayBuffer) -> None:
        ended = ring.arrival(ms_to_samples(event.start_ms + event.duration_ms) - 1)
        if ended is None:
            return
        began = ring.arrival(ms_to_samples(event.start_ms)) or ended - event.duration_ms / 1000
        stages = (ev.Stage.TRANSLATION, ev.Stage.TTS) if event.work.speech else (ev.Stage.TRANSLATION,)
        awaited = {(stage, language) for language in event.work.target_languages for stage in stages}
        self._utterances[event.track, event.utterance] = _Moments(began, ended, event.epoch, awaited)
        if len(self._utterances) > REMEMBERED:
            self._record(*self._utterances.popitem(last=False))
        self._end_if_complete((event.track, event.utterance))

    def _came(self, result: str, track: int, utterance: int) -> None:
        moments = self._utterances.get((track, utterance))
        if moments is not None:
            late = time.monotonic() - moments.ended
            metrics.AFTER_SPEECH.labels(result).observe(late)
            moments.stages.setdefault(result, round(late * 1000))

    def _done(self, event: ev.Translation | ev.SpeechChunk | ev.Failure, stage: ev.Stage) -> None:
        key = event.track, event.utterance
        if key in self._utterances:
            self._utterances[key].awaited.discard((stage, event.language))
            self._end_if_complete(key)

    def _failed(self, event: ev.Failure) -> None:
        moments = self._utterances.get((event.track, event.utterance))
        if moments is not None:
            moments.failures += 1
            moments.awaited.discard((ev.Stage.TTS, event.language))
            self._done(event, ev.Stage.TRANSLATION)

    def _end_if_complete(self, key: Key) -> None:
        if not self._utterances[key].awaited:
            self._record(key, self._utterances.pop(key))

    def _record(self, key: Key, moments: _Moments) -> None:
        wall = time.time() - time.monotonic()
        attributes: dict[str, telemetry.Value] = {
            "session": self._session_id,
            "track": key[0],
            "utterance": key[1],
            "epoch": moments.epoch,
            "speech_ms": round((moments.ended - moments.began) * 1000),
            "failures": moments.failures,
            "complete": not moments.awaited,
        }
        stages = {f"after_speech.{name}_ms": ms for name, ms in moments.stages.items()}
        began_ns, now_ns = int((moments.began + wall) * 1e9), time.time_ns()
        telemetry.record_utterance(self._session_id, *key, began_ns, now_ns, attributes | stages)
