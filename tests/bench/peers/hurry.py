"""An event loop on which waiting for the time to pass takes none, while nothing is being worked on.

Its clock is the CPU time of this process, or what a model of it says, plus what was skipped: work takes as
long as it would on a machine that does nothing else, and everything that happens in a run at real-time pace
happens here at the same times. What two threads do at once counts twice: no figure is better than the truth.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any


class _Selector(selectors.DefaultSelector):
    def __init__(self, working: Callable[[], bool]) -> None:
        super().__init__()
        self.skipped = 0.0
        self._working = working

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0 or self._working():
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.skipped += timeout
        return ready


class Hurried(asyncio.SelectorEventLoop):
    """`working` = something runs on another thread: then time passes by what is `spent`, in seconds."""

    def __init__(self, working: Callable[[], bool], spent: Callable[[], float] = time.process_time) -> None:
        self._spent = spent
        self._clock = _Selector(working)
        super().__init__(self._clock)

    def time(self) -> float:
        """Seconds, with those that were skipped."""
        return self._spent() + self._clock.skipped
