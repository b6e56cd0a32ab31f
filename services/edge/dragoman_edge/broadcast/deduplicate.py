"""Nothing is shown twice."""

from dragoman_contract import events as ev
from dragoman_edge.model.speech_overlap import length, without_head


class Deduplicator:
    """Drops what was shown: the results of a host that comes back may be released again. Pure."""

    def __init__(self) -> None:
        self._last: dict[tuple[object, ...], int] = {}  # by output the last utterance that is complete
        self._heard: dict[tuple[object, ...], tuple[int, int]] = {}  # by output utterance and samples

    def take(self, event: ev.Event) -> ev.Event | None:
        """Return the new part of an event; None when all of it is known."""
        match event:
            case ev.Transcript():
                return event if self._is_new(event, event.final, event.track) else None
            case ev.Translation():
                return event if self._is_new(event, event.final, event.track, event.language) else None
            case ev.Failure():
                return event if self._is_new(event, True, event.track, event.stage, event.language) else None
            case ev.SpeechChunk():
                return self._speech(event)
        return event

    def _is_new(
        self, event: ev.Transcript | ev.Translation | ev.Failure | ev.SpeechChunk, last: bool, *output: object
    ) -> bool:
        key = (type(event), *output)
        if event.utterance <= self._last.get(key, 0):
            return False
        if last:
            self._last[key] = event.utterance
        return True

    def _speech(self, chunk: ev.SpeechChunk) -> ev.SpeechChunk | None:
        output = (chunk.track, chunk.language)
        if not self._is_new(chunk, chunk.last, *output):
            return None
        utterance, heard = self._heard.get(output, (0, 0))
        heard = heard if utterance == chunk.utterance else 0
        self._heard[output] = chunk.utterance, max(heard, chunk.sample_offset + length(chunk))
        return without_head(chunk, heard - chunk.sample_offset)
