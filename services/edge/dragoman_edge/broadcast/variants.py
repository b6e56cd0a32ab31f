"""Variants of an event for viewers of each stability; most events are the same for all. Pure."""

from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.model.events import ViewerEvent
from dragoman_edge.model.stability import StabilityFilter

Shown = tuple[ViewerEvent, frozenset[Stability]]


class Variants:
    """Texts that steady viewers of a broadcast saw at this replica, whichever edge has the host."""

    def __init__(self) -> None:
        known = (Stability.STEADY, Stability.FINAL, Stability.LIVE)
        self._filters = {stability: StabilityFilter(stability) for stability in known}

    def of(self, event: ViewerEvent) -> list[Shown]:
        """Different forms of the event, each with the stabilities whose viewers get it; its own form last."""
        shown: list[tuple[ViewerEvent, set[Stability]]] = []
        for stability, keep in self._filters.items():
            interim = isinstance(event, ev.Transcript) and not event.final
            form = None if interim and stability is Stability.FINAL else keep.take(event)
            if form is None:
                continue
            same = next((known for other, known in shown if other == form), None)
            if same is None:
                shown.append((form, {stability}))
            else:
                same.add(stability)
        return [(form, frozenset(known)) for form, known in shown]
