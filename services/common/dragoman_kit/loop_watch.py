"""Delay of the event loop: work that blocks it delays everything that the process does.

A loop that does not come back ends the process, from a thread that needs no interpreter: native code that
hangs may hold that for ever. Whoever started the process starts it again; its work fails over as at a crash.
"""

import asyncio
import faulthandler
import sys
import time

from prometheus_client import Histogram

EVERY_S = 0.1
AGAIN = 4  # times within its limit the guard is set anew; each time starts a thread
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


async def watch_loop(blocked_limit_s: float = 0) -> None:
    """Measure until cancelled; runs for the life of the process.

    Args:
        blocked_limit_s: a loop that is blocked for longer ends the process with status 1; the places in the
            code, without any values, go to standard error before. 0 = never.
    """
    loop = asyncio.get_running_loop()
    computed = time.thread_time()
    guarded_at = 0.0
    try:
        while True:
            due = loop.time() + EVERY_S
            if blocked_limit_s and due - guarded_at > blocked_limit_s / AGAIN:
                guarded_at = due
                faulthandler.dump_traceback_later(blocked_limit_s, exit=True, file=sys.__stderr__ or 2)
            await asyncio.sleep(EVERY_S)
            lag = max(0.0, loop.time() - due)
            before, computed = computed, time.thread_time()
            LAG.observe(lag)
            WORK.observe(min(lag, computed - before))
    finally:
        if blocked_limit_s:
            faulthandler.cancel_dump_traceback_later()
