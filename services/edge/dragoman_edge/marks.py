"""Where the streams stood a while ago: one look for all sessions of a replica, so that none has to ask."""

import asyncio
import time
from collections import deque

from dragoman_contract.errors import MeshError
from dragoman_edge.replay import last_stored
from dragoman_kit.bus import Bus

EVERY_S = 2.0


class Marks:
    """Remembers the streams' last sequences for `back_s` seconds."""

    def __init__(self, bus: Bus, back_s: float) -> None:
        self._bus = bus
        self._back_s = back_s
        self._marks: deque[tuple[float, dict[str, int]]] = deque()

    async def run(self) -> None:
        """Look every two seconds, until cancelled."""
        while True:
            try:
                self._add(await last_stored(self._bus))
            except MeshError:
                self._marks.clear()
            while len(self._marks) > 1 and self._marks[1][0] < time.monotonic() - self._back_s:
                self._marks.popleft()
            await asyncio.sleep(EVERY_S)

    def _add(self, now: dict[str, int]) -> None:
        if self._marks and any(now[name] < seq for name, seq in self._marks[-1][1].items()):
            self._marks.clear()  # a server that lost a stream counts from the beginning again
        self._marks.append((time.monotonic(), now))

    def back(self, since: dict[str, int]) -> dict[str, int]:
        """The sequences `back_s` ago, or `since` where that is later (and the stream is still the same)."""
        if not self._marks:
            return dict(since)
        oldest, newest = self._marks[0][1], self._marks[-1][1]
        return {
            name: max(seq, oldest[name]) if seq <= newest[name] else oldest[name]
            for name, seq in since.items()
        }
