"""Cumulative usage of a session: a repeated or reordered report changes nothing."""

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, samples_to_ms
from dragoman_contract.subjects import TEXTS_TRACK
from dragoman_contract.texts import spoken_ms


class UsageMeter:
    """Counts in samples and milliseconds; `report` numbers its reports."""

    def __init__(
        self, session_id: str, account_id: str, edge_id: str, before: ev.Usage | None = None
    ) -> None:
        """`before` is what the session had used when this edge took it over."""
        self._session_id = session_id
        self._account_id = account_id
        self._edge_id = edge_id
        self._sequence = before.sequence if before else 0
        self._recognised_ms = before.recognised_ms if before else 0
        self._translated_ms = before.translated_ms if before else 0
        self._synthesised_ms = before.synthesised_ms if before else 0
        self._heard = 0
        self._spoken = 0

    def heard(self, samples: int) -> None:
        """Audio was taken for recognition."""
        self._heard += samples

    def released(self, event: ev.Event) -> None:
        """A result went to the client."""
        if isinstance(event, ev.Translation) and event.final:
            self._translated_ms += _price_ms(event)
        elif isinstance(event, ev.SpeechChunk):
            self._spoken += len(event.audio) // BYTES_PER_SAMPLE

    def figures(self) -> dict[str, int]:
        """The figures now, in ms."""
        return {
            "recognised_ms": self._recognised_ms + samples_to_ms(self._heard),
            "translated_ms": self._translated_ms,
            "synthesised_ms": self._synthesised_ms + samples_to_ms(self._spoken),
        }

    def report(self, closing: bool = False) -> ev.Usage:
        """The figures now, under the next number."""
        self._sequence += 1
        return ev.Usage(
            session_id=self._session_id,
            sequence=self._sequence,
            **self.figures(),
            closing=closing,
            account_id=self._account_id,
            edge_id=self._edge_id,
        )


def _price_ms(event: ev.Translation) -> int:
    """What a translation counts for: of a text beside the speech, the time that it takes to say."""
    if event.track != TEXTS_TRACK or event.duration_ms:
        return event.duration_ms
    return spoken_ms(event.source_text) if event.engine else 0  # one of the edge itself is only to be spoken
