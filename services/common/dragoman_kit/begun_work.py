"""Work whose worker died while it was in hand: once more with nothing beside it, then given up.

A process may die of other causes than its work, and has several pieces of work in hand. A first death makes
all of them suspects; a second one, with nothing else in hand, tells which of them it was.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from dragoman_contract import subjects
from dragoman_kit.bus import Bus
from dragoman_kit.engine_process import EngineLost

MOST_DEATHS = 2  # of workers, while they had the same piece of work in hand
READ_S, FLUSH_S = 2.0, 2
OTHERS_S = 5.0  # that a suspect waits for other work, and other work for a suspect


class BegunWork:
    """The work of one process that is begun and not finished, noted on the bus for whoever gets it next.

    Args:
        before: the note of earlier work on what a message is about, whose deaths count, too; empty = none.
    """

    def __init__(self, bus: Bus, before: Callable[[Msg], str] = lambda _: "") -> None:
        self._bus = bus
        self._before = before
        self._one = asyncio.Lock()
        self._count = 0
        self._none_in_hand, self._no_suspect = asyncio.Event(), asyncio.Event()
        self._none_in_hand.set()
        self._no_suspect.set()

    async def deaths(self, msg: Msg) -> int:
        """Count the workers that began this and neither finished nor returned it; 0 when nobody can say."""
        if (msg.metadata.num_delivered or 1) < 2:
            return 0
        before = self._before(msg)
        return await self.noted(_subject(msg)) + (await self.noted(before) if before else 0)

    async def noted(self, note: str) -> int:
        """Return the number that a note says; 0 when nobody can say."""
        try:
            read = self._bus.js.get_last_msg(subjects.BEGUN_STREAM, note, direct=True)
            return int((await asyncio.wait_for(read, READ_S)).data or b"0")
        except (NotFoundError, NatsError, TimeoutError):
            return 0

    @asynccontextmanager
    async def trying(self, msg: Msg, deaths: int) -> AsyncIterator[None]:
        """Note that it is begun, until the block is left; a suspect is tried with nothing beside it."""
        async with self._alone() if deaths else self._beside_others(), self.noting(_subject(msg), deaths + 1):
            yield

    @asynccontextmanager
    async def noting(self, note: str, number: int = 1) -> AsyncIterator[None]:
        """Have a note say `number` until the block is left; it stays when an engine was lost there."""
        await self._note(note, number)
        with contextlib.suppress(NatsError, TimeoutError):  # without the bus nothing can be published
            await self._bus.nc.flush(FLUSH_S)
        finished = True
        try:
            yield
        except EngineLost:
            finished = False
            raise
        finally:
            if finished:
                await self._note(note, 0)

    async def _note(self, note: str, number: int) -> None:
        with contextlib.suppress(NatsError):
            await self._bus.nc.publish(note, str(number).encode())

    @asynccontextmanager
    async def _beside_others(self) -> AsyncIterator[None]:
        await _wait(self._no_suspect)
        self._count += 1
        self._none_in_hand.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._none_in_hand.set()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._one:
            self._no_suspect.clear()
            try:
                await _wait(self._none_in_hand)
                yield
            finally:
                self._no_suspect.set()


async def _wait(event: asyncio.Event) -> None:
    if not event.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), OTHERS_S)


def _subject(msg: Msg) -> str:
    place = msg.metadata.sequence
    return subjects.begun(msg.metadata.consumer, place.stream if place else 0)
