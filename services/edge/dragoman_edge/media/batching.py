"""Adaptive batching of a client's audio: small messages on an idle edge, larger ones under load."""

import asyncio
import time

SHORTEST_MS = 40
IDLE, BUSY = 0.08, 0.16  # of a core: from here on more is gathered; from here on as much as is allowed
LOOK_S = 1.0
PAUSE_S = 0.001  # of a busy edge, for the audio of other sessions to the same recogniser


class AdaptiveBatching:
    """`ms` is what a session asks for after each message. One for the whole replica."""

    def __init__(self, longest_ms: int) -> None:
        self._longest = longest_ms
        self.ms = min(SHORTEST_MS, longest_ms)
        self.pause_s = 0.0

    async def run(self) -> None:
        """Follow the load until cancelled."""
        before = time.monotonic(), time.process_time()
        while True:
            await asyncio.sleep(LOOK_S)
            now = time.monotonic(), time.process_time()
            self.follow((now[1] - before[1]) / (now[0] - before[0]))
            before = now

    def follow(self, share: float) -> None:
        """`share`: of a core that this process uses now. A message costs the same, long or short."""
        shortest = min(SHORTEST_MS, self._longest)
        busy = min(1.0, max(0.0, (share - IDLE) / (BUSY - IDLE)))
        self.ms = round(shortest + busy * (self._longest - shortest))
        self.pause_s = PAUSE_S * busy
