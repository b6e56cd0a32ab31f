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


class Background:
    """A task that stops is a bug: running sessions can go on, new ones go to another replica meanwhile."""

    def __init__(self, health: Health) -> None:
        self._stopped_at: dict[str, float] = {}
        health.add("background", self._check)

    async def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run it for ever, until cancelled."""
        while True:
            try:
                await run()
                log.error("a background task ended", task=name)
            except Exception:
                log.exception("a background task failed", task=name)
            metrics.BACKGROUND_STOPS.labels(name).inc()
            self._stopped_at[name] = time.monotonic()
            await asyncio.sleep(RESTART_S)

    async def _check(self) -> str | None:
        recent = time.monotonic() - RESTART_S - STEADY_S
        stopped = sorted(name for name, at in self._stopped_at.items() if at > recent)
        return f"stopped by a bug and started again: {', '.join(stopped)}; see the log" if stopped else None
