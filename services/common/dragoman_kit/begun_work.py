"""Work whose worker died while it was in hand: once more with nothing beside it, then given up.

A process may die of other causes than its work, and has several pieces of work in hand. A first death makes
all of them suspects; a second one, with nothing else in hand, tells which of them it was.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from dragoman_contract import subjects
from dragoman_kit.bus import Bus

MOST_DEATHS = 2  # of workers, while they had the same piece of work in hand
READ_S, FLUSH_S = 2.0, 2
OTHERS_S = 5.0  # that a suspect waits for other work, and other work for a suspect


class BegunWork:
    """The work of one process that is begun and not finished, noted on the bus for whoever gets it next."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._one = asyncio.Lock()
        self._count = 0
        self._none_in_hand, self._no_suspect = asyncio.Event(), asyncio.Event()
        self._none_in_hand.set()
        self._no_suspect.set()

    async def deaths(self, msg: Msg) -> int:
        """Count the workers that began this and neither finished nor returned it; 0 when nobody can say."""
        if (msg.metadata.num_delivered or 1) < 2:
            return 0
        try:
            read = self._bus.js.get_last_msg(subjects.BEGUN_STREAM, _subject(msg), direct=True)
            note = await asyncio.wait_for(read, READ_S)
        except (NotFoundError, NatsError, TimeoutError):
            return 0
        return int(note.data or b"0")

    @asynccontextmanager
    async def trying(self, msg: Msg, deaths: int) -> AsyncIterator[None]:
        """Note that it is begun, until the block is left; a suspect is tried with nothing beside it."""
        async with self._alone() if deaths else self._beside_others():
            await self._note(msg, deaths + 1)
            with contextlib.suppress(NatsError, TimeoutError):  # without the bus nothing can be published
                await self._bus.nc.flush(FLUSH_S)
            try:
                yield
            finally:
                await self._note(msg, 0)

    async def _note(self, msg: Msg, deaths: int) -> None:
        with contextlib.suppress(NatsError):
            await self._bus.nc.publish(_subject(msg), str(deaths).encode())

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
