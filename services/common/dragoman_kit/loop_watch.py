"""Delay of the event loop: work that blocks it delays everything that the process does."""

import asyncio

from prometheus_client import Histogram

EVERY_S = 0.1
LAG = Histogram(
    "dragoman_loop_lag_seconds",
    "Delay of the event loop behind its schedule, looked at ten times a second",
    buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)


async def watch_loop() -> None:
    """Measure until cancelled; runs for the life of the process."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_S
        await asyncio.sleep(EVERY_S)
        LAG.observe(max(0.0, loop.time() - due))
