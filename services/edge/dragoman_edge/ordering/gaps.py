"""Shared parts of the reorder buffer: counters, a gap that can be filled, a bounded memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dragoman_contract import events as ev

REMEMBERED = 256  # places that a failure took and whose late results are still known as such


@dataclass(slots=True)
class Counts:
    """Counters of events that were not simply released."""

    duplicates: int = 0
    stale: int = 0
    gaps: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is waited for, and how to fill it.

    `since_ms` is when the wait began; `blocks` says that events are held behind it; `fill(now_ms)` releases a
    failure in its place and what follows.
    """

    since_ms: int
    blocks: bool
    fill: Callable[[int], list[ev.Event]]


class Recent:
    """The last `REMEMBERED` things that were added."""

    def __init__(self) -> None:
        self._items: dict[object, None] = {}

    def add(self, item: object) -> None:
        """Remember it, and forget the oldest if there are too many."""
        self._items[item] = None
        if len(self._items) > REMEMBERED:
            del self._items[next(iter(self._items))]

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator[object]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
