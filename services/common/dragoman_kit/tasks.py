"""Ending tasks."""

import asyncio
from typing import Any

ASK_AGAIN_S = 1.0


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks until they are over; what they raised is not looked at.

    One cancellation is not enough before Python 3.12: `asyncio.wait_for`, which nats-py and redis-py wait in,
    loses one that arrives in the moment in which its call returns (cpython issue 86296).
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=ASK_AGAIN_S)
