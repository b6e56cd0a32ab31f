"""Counts of the results that a client has received, in units that a client can count. Pure."""

from dataclasses import dataclass, field

from dragoman_contract import events as ev
from dragoman_edge.model.speech_overlap import length, without_head

Counts = dict[str, int]  # by output: "track" or "track/language"; "" = in all outputs together
ALL = ""


@dataclass(slots=True)
class DeliveryCounts:
    """Since the start: final transcripts, translations with a text, samples of speech, corrected speakers.

    Within an output stream the results have one order, so the counts are exact. A client that counts over all
    of them is exact where there is one only: one track and one target language. Empty counts are those of a
    client that does not count the kind, or of a session that has none yet.
    """

    finals: Counts = field(default_factory=dict)
    translations: Counts = field(default_factory=dict)
    samples: Counts = field(default_factory=dict)
    corrections: Counts = field(default_factory=dict)

    @classmethod
    def of_one_output(
        cls, finals: int | None, translations: int | None, samples: int | None
    ) -> "DeliveryCounts":
        """Make the counts of a session with one output stream; None = the client does not count that kind."""
        return cls(*({} if count is None else {ALL: count} for count in (finals, translations, samples)))

    def or_else(self, other: "DeliveryCounts") -> "DeliveryCounts":
        """With the counts of `other` where the client does not count."""
        return DeliveryCounts(
            self.finals or other.finals,
            self.translations or other.translations,
            self.samples or other.samples,
            self.corrections or other.corrections,
        )

    def within(self, other: "DeliveryCounts") -> bool:
        """Whether `other` has got at least this much of every kind that it counts."""
        return (
            _within(self.finals, other.finals)
            and _within(self.translations, other.translations)
            and _within(self.samples, other.samples)
            and _within(self.corrections, other.corrections)
        )

    def take(self, event: ev.Event, known: "DeliveryCounts") -> ev.Event | None:
        """Count a released result; what of it goes out to a client that has `known` already."""
        match event:
            case ev.Transcript(final=True):
                output = str(event.track)
                return event if _add(self.finals, output, 1) > _in(known.finals, output) else None
            case ev.Translation(final=True, text=text) if text:
                output = _output(event)
                return event if _add(self.translations, output, 1) > _in(known.translations, output) else None
            case ev.SpeakerCorrection():
                output = str(event.track)
                return event if _add(self.corrections, output, 1) > _in(known.corrections, output) else None
            case ev.SpeechChunk():
                return self._speech(event, _in(known.samples, _output(event)))
        return event

    def _speech(self, chunk: ev.SpeechChunk, known: int) -> ev.SpeechChunk:
        before = _add(self.samples, _output(chunk), length(chunk)) - length(chunk)
        return without_head(chunk, known - before)


def _output(event: ev.Translation | ev.SpeechChunk) -> str:
    return f"{event.track}/{event.language}"


def _add(counts: Counts, output: str, more: int) -> int:
    counts[output] = counts.get(output, 0) + more
    return counts[output]


def _in(counts: Counts, output: str) -> int:
    return counts.get(output, counts.get(ALL, 0))


def _within(mine: Counts, other: Counts) -> bool:
    if other.keys() == {ALL}:
        return sum(mine.values()) <= other[ALL]
    return not other or all(count <= _in(other, output) for output, count in mine.items())
