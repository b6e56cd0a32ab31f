"""How much of a session's results a client has got, counted the way the client can count too. Pure."""

from dataclasses import dataclass, replace

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE

NOT_COUNTED = 1 << 62  # of a kind that the client does not count


@dataclass(slots=True)
class Delivered:
    """Since the start: final transcripts, final translations that have a text, samples of speech (16 kHz).

    The counts are exact for sessions of one track and one target language: there the results have one order.
    """

    finals: int = 0
    translations: int = 0
    samples: int = 0

    def or_else(self, other: "Delivered") -> "Delivered":
        """With the counts of `other` where the client does not count."""
        return Delivered(
            other.finals if self.finals == NOT_COUNTED else self.finals,
            other.translations if self.translations == NOT_COUNTED else self.translations,
            other.samples if self.samples == NOT_COUNTED else self.samples,
        )

    def within(self, other: "Delivered") -> bool:
        """Whether `other` has got at least this much of every kind."""
        return (
            self.finals <= other.finals
            and self.translations <= other.translations
            and self.samples <= other.samples
        )

    def take(self, event: ev.Event, known: "Delivered") -> ev.Event | None:
        """Count a released result; what of it goes out to a client that has `known` already."""
        match event:
            case ev.Transcript(final=True):
                self.finals += 1
                return event if self.finals > known.finals else None
            case ev.Translation(final=True, text=text) if text:
                self.translations += 1
                return event if self.translations > known.translations else None
            case ev.SpeechChunk():
                return self._speech(event, known)
        return event

    def _speech(self, chunk: ev.SpeechChunk, known: "Delivered") -> ev.SpeechChunk:
        before = self.samples
        self.samples += len(chunk.audio) // BYTES_PER_SAMPLE
        skip = min(max(0, known.samples - before), self.samples - before)
        if not skip:
            return chunk
        audio = chunk.audio[skip * BYTES_PER_SAMPLE :]
        return replace(chunk, sample_offset=chunk.sample_offset + skip, audio=audio)
