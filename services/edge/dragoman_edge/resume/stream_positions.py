"""Recent positions of the streams, read once for all sessions of a replica."""

import asyncio
import time
from collections import deque

from dragoman_contract.errors import MeshError
from dragoman_edge.resume.stream_replay import STREAMS, StreamPosition, last_stored, same_stream
from dragoman_kit.bus import Bus

EVERY_S = 2.0


class StreamPositions:
    """Remembers the streams' last sequences for a little more than `back_s` seconds."""

    def __init__(self, bus: Bus, back_s: float) -> None:
        self._bus = bus
        self._back_s = back_s
        self._marks: deque[tuple[float, StreamPosition]] = deque()

    async def run(self) -> None:
        """Look every two seconds, until cancelled."""
        while True:
            try:
                self.add(await last_stored(self._bus), time.monotonic())
            except MeshError:
                self._marks.clear()
            await asyncio.sleep(EVERY_S)

    def add(self, place: StreamPosition, now: float) -> None:
        """The streams stand here."""
        if self._marks and not all(same_stream(name, place, self._marks[-1][1]) for name, _ in STREAMS):
            self._marks.clear()  # a server that lost a stream counts from the beginning again
        self._marks.append((now, place))
        while len(self._marks) > 1 and self._marks[1][0] <= now - self._back_s:
            self._marks.popleft()

    def back(self, since: StreamPosition, now: float) -> StreamPosition:
        """The place `back_s` ago, or `since` where that is later; `since` while nothing so old is known."""
        if not self._marks or self._marks[0][0] > now - self._back_s:
            return dict(since)
        oldest = self._marks[0][1]
        found = dict(oldest)
        for name, _ in STREAMS:
            if same_stream(name, since, oldest):
                found[name] = max(since[name], oldest[name])
        return found
