"""Delay of the event loop: work that blocks it delays everything that the process does."""

import asyncio
import time

from prometheus_client import Histogram

EVERY_S = 0.1
BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
LAG = Histogram(
    "dragoman_loop_lag_seconds",
    "Delay of the event loop behind its schedule, looked at ten times a second",
    buckets=BUCKETS,
)
WORK = Histogram(
    "dragoman_loop_lag_work_seconds",
    "The part of that delay in which the loop's own thread computed; the rest is a call, or a busy machine",
    buckets=BUCKETS,
)


async def watch_loop() -> None:
    """Measure until cancelled; runs for the life of the process."""
    loop = asyncio.get_running_loop()
    computed = time.thread_time()
    while True:
        due = loop.time() + EVERY_S
        await asyncio.sleep(EVERY_S)
        lag = max(0.0, loop.time() - due)
        before, computed = computed, time.thread_time()
        LAG.observe(lag)
        WORK.observe(min(lag, computed - before))
