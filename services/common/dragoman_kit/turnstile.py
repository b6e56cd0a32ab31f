"""Requests that begin together are let in a few at a time, addresses in turn, with rests for other work."""

import asyncio
from collections import deque
from collections.abc import Callable

from prometheus_client import Counter

STEP, REST_S = 4, 0.008  # requests that begin, and the rest of the loop behind them: at most 500 a second
WAITING, WAITING_BYTES = 2048, 16 << 20  # requests, and what was read of them; an address has half
TURNED_AWAY = Counter(
    "dragoman_http_turned_away_total", "Connections cut off because too many requests waited"
)


class Waiting:
    """A request that waits: what is done when its turn comes, and the bytes that are kept for it."""

    def __init__(self, address: str, size: int, begin: Callable[[], None]) -> None:
        self.address, self.size, self.begin = address, size, begin
        self.gone = False


class Turnstile:
    """One for a server. Nothing waits while fewer than `STEP` requests begin in `REST_S`.

    The work of a request (ms) is far longer than the reading of its bytes (µs): hundreds that begin
    together would keep the loop from everything else for as long as all of them take.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._begun = 0  # since the last rest
        self._resting = False
        self._lines: dict[str, deque[Waiting]] = {}  # by address, whose turn comes next first
        self._counts: dict[str, tuple[int, int]] = {}  # requests and bytes by address
        self._count = self._bytes = 0

    def enter(self, address: str, size: int, begin: Callable[[], None]) -> Waiting | None:
        """Begin now, or wait for a turn.

        Returns:
            What waits; None when it has begun.

        Raises:
            OverflowError: too many wait.
        """
        if not self._lines and self._begun < STEP:
            self._begin(begin)
            return None
        count, kept = self._counts.get(address, (0, 0))
        all_of_it = self._count >= WAITING or self._bytes + size > WAITING_BYTES
        if all_of_it or count >= WAITING // 2 or kept + size > WAITING_BYTES // 2:
            TURNED_AWAY.inc()
            raise OverflowError
        waiting = Waiting(address, size, begin)
        self._lines.setdefault(address, deque()).append(waiting)
        self._account(waiting, 1)
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Take a request out of its line: its client has gone."""
        if not waiting.gone:
            self._account(waiting, -1)
            self._lines[waiting.address].remove(waiting)
            if not self._lines[waiting.address]:
                del self._lines[waiting.address]

    def _account(self, waiting: Waiting, sign: int) -> None:
        count, kept = self._counts.get(waiting.address, (0, 0))
        self._counts[waiting.address] = count + sign, kept + sign * waiting.size
        if self._counts[waiting.address] == (0, 0):
            del self._counts[waiting.address]
        self._count += sign
        self._bytes += sign * waiting.size
        waiting.gone = sign < 0

    def _begin(self, begin: Callable[[], None]) -> None:
        self._begun += 1
        if not self._resting:
            self._resting = True
            (self._loop or asyncio.get_running_loop()).call_later(REST_S, self._go_on)
        begin()

    def _go_on(self) -> None:
        """Let the next ones in; the rest begins again with the first of them."""
        self._begun, self._resting = 0, False
        while self._lines and self._begun < STEP:
            address = next(iter(self._lines))
            line = self._lines.pop(address)
            waiting = line.popleft()
            if line:
                self._lines[address] = line  # behind all others
            self._account(waiting, -1)
            self._begin(waiting.begin)
