"""The tasks of a replica that all sessions need: started again when they stop, and told to readiness."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from dragoman_edge import metrics
from dragoman_kit.logging import get
from dragoman_kit.ops import Health

log = get(__name__)
RESTART_S = 1.0
STEADY_S = 5.0  # a task that has run for so long since it was started again is trusted
TRIES = 5  # starts in a row that were none of them steady


class StoppedError(RuntimeError):
    """A background task does not run, however often it is started: the replica is of no use."""


class Background:
    """A task that stops is a bug: running sessions can go on, new ones go to another replica meanwhile."""

    def __init__(self, health: Health) -> None:
        self._stopped_at: dict[str, float] = {}
        health.add("background", self._check)

    async def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run it until cancelled.

        Raises:
            StoppedError: it stopped `TRIES` times in a row, without having been steady in between.
        """
        tries = 0
        while True:
            started = time.monotonic()
            try:
                await run()
                log.error("a background task ended", task=name)
            except Exception:
                log.exception("a background task failed", task=name)
            metrics.BACKGROUND_STOPS.labels(name).inc()
            self._stopped_at[name] = now = time.monotonic()
            tries = 1 if now - started > STEADY_S else tries + 1
            if tries == TRIES:
                raise StoppedError(f"the task {name!r} stopped {tries} times in a row; see the log")
            await asyncio.sleep(RESTART_S)

    async def _check(self) -> str | None:
        recent = time.monotonic() - RESTART_S - STEADY_S
        stopped = sorted(name for name, at in self._stopped_at.items() if at > recent)
        return f"stopped by a bug and started again: {', '.join(stopped)}; see the log" if stopped else None
