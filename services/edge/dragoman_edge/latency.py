"""How late results are, counted from the end of the speech they belong to."""

import time
from collections import OrderedDict

from dragoman_contract import events as ev
from dragoman_contract.audio import ms_to_samples
from dragoman_edge import metrics
from dragoman_edge.ring import AudioRing

REMEMBERED = 64  # utterances whose later results are still expected


class Latency:
    """Remembers when the last sample of each recent utterance arrived."""

    def __init__(self) -> None:
        self._ended: OrderedDict[tuple[int, int], float] = OrderedDict()

    def observe(self, event: ev.Event, ring: AudioRing | None) -> None:
        """Record one released result; `ring` is that of its track, before the audio is forgotten."""
        match event:
            case ev.Transcript(final=True, text=text) if text and ring is not None:
                self._remember(event, ring)
                self._record("transcript", event.track, event.utterance)
            case ev.Translation(final=True):
                self._record("translation", event.track, event.utterance)
            case ev.SpeechChunk(sample_offset=0):
                self._record("first_audio", event.track, event.utterance)

    def _remember(self, event: ev.Transcript, ring: AudioRing) -> None:
        arrived = ring.arrival(ms_to_samples(event.start_ms + event.duration_ms) - 1)
        if arrived is None:
            return
        self._ended[event.track, event.utterance] = arrived
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def _record(self, result: str, track: int, utterance: int) -> None:
        ended = self._ended.get((track, utterance))
        if ended is not None:
            metrics.AFTER_SPEECH.labels(result).observe(time.monotonic() - ended)
