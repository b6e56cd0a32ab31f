"""Running tasks together, and ending them."""

import asyncio
from collections.abc import Awaitable, Coroutine
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


async def together(until: Awaitable[object], **parts: Coroutine[Any, Any, None]) -> None:
    """Run `parts` in one task group until `until` returns, or one of them raises; then end them all.

    A part that returns is not missed. The parts are ended as `end` does it: the group alone would wait for
    ever for one that lost its cancellation.

    Raises:
        ExceptionGroup: what `until` or parts raised.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part, name=name) for name, part in parts.items()]
        try:
            await until
        finally:
            await end(*tasks)
