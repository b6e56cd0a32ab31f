"""Work taken ahead from a shared consumer, so that those whose it is have turns instead of a queue."""

import asyncio
import contextlib
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

T = TypeVar("T")
AHEAD = 256  # messages; more than one account may have in hand
AHEAD_BYTES = 32 << 20
BATCH = 32
FETCH_WAIT_S = 0.5
FULL_WAIT_S = 0.02


class Turns(Generic[T]):
    """Items by owner, taken in turn: one of each, each owner's in order. Pure.

    Args:
        most: of one owner that may be in hand at a time; `done` says when one is not any more.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._in_hand: Counter[str] = Counter()
        self._count = 0

    @property
    def ready(self) -> bool:
        """Whether there is one to take."""
        return self._next() is not None

    def _next(self) -> str | None:
        return next((owner for owner in self._waiting if self._in_hand[owner] < self._most), None)

    def __len__(self) -> int:
        return self._count

    def put(self, owner: str, item: T) -> None:
        """The owner's last."""
        self._waiting.setdefault(owner, deque()).append(item)
        self._count += 1

    def take(self) -> T:
        """The first of the owner whose turn it is.

        Raises:
            KeyError: there is none, or its owner has enough in hand.
        """
        owner = self._next()
        if owner is None:
            raise KeyError
        items = self._waiting.pop(owner)
        item = items.popleft()
        if items:
            self._waiting[owner] = items  # behind all others
        self._in_hand[owner] += 1
        self._count -= 1
        return item

    def done(self, owner: str) -> None:
        """One that was taken is not in hand any more."""
        self._in_hand[owner] -= 1
        if self._in_hand[owner] <= 0:
            del self._in_hand[owner]

    def items(self) -> list[T]:
        """All of them."""
        return [item for items in self._waiting.values() for item in items]


class TurnSubscription:
    """A pull subscription that takes ahead what the stream has, and gives it out in turns.

    Args:
        owner: whose a message is.
        most: messages of one owner in hand at a time.
        ack_wait_s: the server hears of progress three times as often, also of messages that wait here.
    """

    def __init__(
        self,
        subscription: JetStreamContext.PullSubscription,
        owner: Callable[[Msg], str],
        most: int,
        ack_wait_s: float,
    ) -> None:
        self._subscription = subscription
        self._owner = owner
        self._ack_wait_s = ack_wait_s
        self._turns: Turns[Msg] = Turns(most)
        self._bytes = 0
        self._there = asyncio.Condition()

    async def fetch(self, batch: int, timeout: float) -> list[Msg]:  # noqa: ASYNC109  as nats-py
        """The next message; `batch` is 1.

        Raises:
            TimeoutError: there is none.
        """
        async with asyncio.timeout(timeout), self._there:
            await self._there.wait_for(lambda: self._turns.ready)
            msg = self._turns.take()
            self._bytes -= len(msg.data)
            return [msg]

    async def done(self, msg: Msg) -> None:
        """A message that was fetched is settled."""
        async with self._there:
            self._turns.done(self._owner(msg))
            self._there.notify_all()

    async def run(self) -> None:
        """Take ahead, until cancelled; what waits is given back then."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_alive())
                await self._fill()
        finally:
            for msg in self._turns.items():
                with contextlib.suppress(NatsError):
                    await msg.nak()

    async def _fill(self) -> None:
        while True:
            room = min(BATCH, AHEAD - len(self._turns)) if self._bytes < AHEAD_BYTES else 0
            if room <= 0:
                await asyncio.sleep(FULL_WAIT_S)
                continue
            try:
                found = await self._subscription.fetch(room, timeout=FETCH_WAIT_S)
            except TimeoutError:
                continue
            except NatsError:
                await asyncio.sleep(FETCH_WAIT_S)
                continue
            async with self._there:
                for msg in found:
                    self._turns.put(self._owner(msg), msg)
                    self._bytes += len(msg.data)
                self._there.notify_all()

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._ack_wait_s / 3)
            for msg in self._turns.items():
                with contextlib.suppress(NatsError):
                    await msg.in_progress()
