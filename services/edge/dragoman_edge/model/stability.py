"""Filter of growing texts for one listener: a client, or viewers of a broadcast. Pure."""

from dataclasses import replace
from typing import TypeVar

from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.model.growing_text import GrowingText

MOST_OPEN = 64  # texts that are remembered
E = TypeVar("E")
_Key = tuple[str, int, str, int]


class StabilityFilter:
    """Released results in, in order; what a listener of that stability gets of them out.

    With `STEADY` every text of an utterance begins with the one before. With `FINAL` tentative translations
    are left out. With `LIVE` all comes as it is.
    """

    def __init__(self, stability: Stability) -> None:
        self.stability = stability
        self._growing: dict[_Key, GrowingText] = {}

    def take(self, event: E) -> E | None:
        """Return the event that the listener gets; None = nothing."""
        match event:
            case ev.Transcript() if self.stability is Stability.STEADY:
                key = ("transcript", event.track, "", event.utterance)
                return self._steady(key, event, event.stable_length)  # type: ignore[return-value]
            case ev.Translation() if self.stability is Stability.STEADY:
                key = ("translation", event.track, event.language, event.utterance)
                return self._steady(key, event, event.concluded_length)  # type: ignore[return-value]
            case ev.Translation(final=False) if self.stability is not Stability.LIVE:
                return None
        return event

    def _steady(
        self, key: _Key, event: ev.Transcript | ev.Translation, length: int
    ) -> ev.Transcript | ev.Translation | None:
        if event.final:
            known = self._growing.pop(key, None)
            return event if known is None else replace(event, text=known.shown(event.text))
        known = self._growing.setdefault(key, GrowingText())
        if len(self._growing) > MOST_OPEN:
            del self._growing[next(iter(self._growing))]
        if not known.grow(event.text, length):
            return None
        if isinstance(event, ev.Transcript):
            return replace(event, text=known.text, stable_length=len(known.text))
        return replace(event, text=known.text, concluded_length=len(known.text))

    # For another edge

    def snapshot(self) -> list[list[str | int]]:
        """Return the texts shown so far of open utterances, as plain JSON values."""
        return [[*key, known.text] for key, known in self._growing.items()]

    def restore(self, snapshot: list[list[str | int]]) -> None:
        """Go on where `snapshot` was taken."""
        for kind, track, language, utterance, text in snapshot:
            known = GrowingText()
            known.text = str(text)
            self._growing[str(kind), int(track), str(language), int(utterance)] = known
