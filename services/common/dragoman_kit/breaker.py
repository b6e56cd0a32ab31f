"""A circuit breaker. Pure: whoever uses it says what time it is.

Closed, everything may pass. It opens after some failures in a row, after a share of the last calls failed, or
for as long as the server asks to be left alone. After a pause it is half open: one call may pass and decides.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum


class State(IntEnum):
    """The numbers are those of the metric."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits at which a breaker opens, and its pauses (s), which double with each failed trial."""

    in_a_row: int = 5
    share: float = 0.5
    window: int = 20
    pause_s: float = 5.0
    longest_pause_s: float = 60.0
    longest_asked_s: float = 300.0  # of what a server asks for


@dataclass(slots=True)
class Breaker:
    """Times are seconds of one clock. Every call that enters is then `passed`, `failed` or `abandoned`."""

    limits: Limits = field(default_factory=Limits)
    state: State = State.CLOSED
    _row: int = 0
    _last: deque[bool] = field(default_factory=deque)
    _until: float = 0.0
    _pauses: int = 0
    _trying: bool = False

    def wait_s(self, now: float) -> float:
        """Return the seconds for which nothing may pass; 0 = a call may be tried."""
        if self.state is State.OPEN:
            return max(0.0, self._until - now)
        return self.limits.pause_s if self._trying else 0.0

    def enter(self, now: float) -> bool:
        """Whether a call may pass now."""
        if self.wait_s(now) > 0:
            return False
        if self.state is State.OPEN:
            self.state = State.HALF_OPEN
        self._trying = self.state is State.HALF_OPEN
        return True

    def passed(self) -> None:
        """A call ended well."""
        if self.state is State.CLOSED:
            self._row = 0
            self._note(True)
            return
        if self.state is State.HALF_OPEN:
            self.state, self._row, self._pauses, self._trying = State.CLOSED, 0, 0, False
            self._last.clear()

    def failed(self, now: float, asked_s: float = 0.0) -> None:
        """A call failed; the server asked to be left alone for `asked_s`."""
        self._row += 1
        self._note(False)
        if self.state is State.OPEN:  # a call that was under way when it opened
            self._until = max(self._until, now + min(asked_s, self.limits.longest_asked_s))
        elif asked_s > 0 or self.state is State.HALF_OPEN or self._too_many():
            self._open(now, asked_s)

    def abandoned(self) -> None:
        """A call was given up by who made it: it says nothing of the server."""
        self._trying = False

    def _note(self, good: bool) -> None:
        self._last.append(good)
        if len(self._last) > self.limits.window:
            self._last.popleft()

    def _too_many(self) -> bool:
        full = len(self._last) == self.limits.window
        bad = self._last.count(False)
        return self._row >= self.limits.in_a_row or (full and bad >= self.limits.share * self.limits.window)

    def _open(self, now: float, asked_s: float) -> None:
        pause_s = min(self.limits.longest_pause_s, self.limits.pause_s * 2 ** min(self._pauses, 16))
        self._until = now + max(pause_s, min(asked_s, self.limits.longest_asked_s))
        self.state, self._trying = State.OPEN, False
        self._pauses += 1
        self._last.clear()
