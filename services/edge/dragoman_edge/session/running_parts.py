"""The parts of a session that run as long as it does: lease, limits, timer, and those it was opened with."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.session.assembly import Assembly

TICK_S = 0.2
Finish = Callable[[DragomanError], Awaitable[None]]


class Part(Protocol):
    """Something of a session that runs as long as it does."""

    async def run(self) -> None:
        """Raises: why the session cannot go on."""


def parts_of(made: Assembly, resumable: bool, finish: Finish) -> dict[str, Coroutine[Any, Any, None]]:
    """Return by name what is to run; `finish` ends the audio with a refusal, results in hand still go out."""
    parts: dict[str, Coroutine[Any, Any, None]] = {
        "lease": heed(made.lease, finish),
        "limits": heed(made.limits, finish),
        "tick": tick(made),
    }
    if resumable:
        parts["ownership"] = made.ownership.run()
    optional: dict[str, Part | None] = {
        "broadcast": made.broadcast,
        "keeping": made.keeping,
        "recording": made.recording,
    }
    return parts | {name: part.run() for name, part in optional.items() if part is not None}


async def heed(part: Part, finish: Finish) -> None:
    """Run a part whose refusals end the audio only; it is run again after each.

    Raises:
        DragomanError: `TOO_SLOW`: the client takes nothing any more.
    """
    while True:
        try:
            await part.run()
        except DragomanError as exc:
            if exc.code is FaultCode.TOO_SLOW:
                raise
            await finish(exc)


async def tick(made: Assembly) -> None:
    """Run one timer for all who look at the time: with one each, idle sessions would cost much more.

    Raises:
        DragomanError: of a part that cannot go on.
    """
    while True:
        await asyncio.sleep(TICK_S)
        await made.intake.tick()
        if await made.results.tick():
            await made.recognisers.resend_update()
        await made.recognisers.tick()
        made.deadlines.check(time.monotonic())
