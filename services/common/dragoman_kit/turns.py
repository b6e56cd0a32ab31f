"""Work taken ahead from a shared consumer, so that those whose it is have turns instead of a queue."""

import asyncio
import contextlib
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from dragoman_kit.backlog import Backlog
from dragoman_kit.streams import Consumer
from dragoman_kit.tasks import end

T = TypeVar("T")
AHEAD = 256  # messages; more than one account may have in hand
AHEAD_BYTES = 32 << 20
BATCH = 32
FETCH_WAIT_S = 0.5
FULL_WAIT_S = 0.02
ALONE_S = 60.0  # without work of others


class Turns(Generic[T]):
    """Items by owner, taken in turn: one of each, each owner's in order. Pure.

    Args:
        most: of one owner that may be in hand at a time; `done` says when one is not any more.
        alone: the same of an owner while no other has come for a minute.
    """

    def __init__(self, most: int, alone: int = 0) -> None:
        self._most = most
        self._alone = max(most, alone)
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._in_hand: Counter[str] = Counter()
        self._came: dict[str, float] = {}
        self._count = 0

    @property
    def ready(self) -> bool:
        """Whether there is one to take."""
        return self._next() is not None

    def _next(self) -> str | None:
        most = self._alone if len(self._came) <= 1 else self._most
        free = (owner for owner in self._waiting if self._in_hand[owner] < most)
        return min(free, key=self._in_hand.__getitem__, default=None)  # of equals the one that waits longest

    def __len__(self) -> int:
        return self._count

    @property
    def in_hand(self) -> int:
        """Return the number of items that were taken and are not done."""
        return self._in_hand.total()

    def put(self, owner: str, item: T, now: float = 0.0) -> None:
        """The owner's last; `now` in seconds of a monotonic clock."""
        self._came[owner] = now
        if len(self._came) > 1:
            self._came = {one: at for one, at in self._came.items() if now - at < ALONE_S}
        self._waiting.setdefault(owner, deque()).append(item)
        self._count += 1

    def take(self) -> tuple[str, T]:
        """The owner whose turn it is, and its first item.

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
        return owner, item

    def done(self, owner: str) -> None:
        """One that was taken is not in hand any more."""
        self._in_hand[owner] -= 1
        if self._in_hand[owner] <= 0:
            del self._in_hand[owner]

    def items(self) -> list[T]:
        """All that wait."""
        return [item for items in self._waiting.values() for item in items]


class TurnSubscription:
    """A pull subscription that takes ahead what waits in the stream, and gives it out in turns.

    While places are free it asks as anybody does. When all are taken it takes only what waits at that moment,
    which means that all other workers are busy, too.

    Args:
        backlog: takes up to so many messages that wait, and none that would have to come.
        owner: whose a message is.
        places: messages in hand at a time.
        turns: of the messages.
        ack_wait_s: the server hears of progress three times as often, also of messages that wait here.
    """

    def __init__(
        self,
        subscription: JetStreamContext.PullSubscription,
        backlog: Callable[[int], Awaitable[list[Msg]]],
        owner: Callable[[Msg], str],
        places: int,
        turns: Turns[Msg],
        ack_wait_s: float,
    ) -> None:
        self._subscription = subscription
        self._backlog = backlog
        self._owner = owner
        self._places = places
        self._ack_wait_s = ack_wait_s
        self._turns = turns
        self._owners: dict[int, str] = {}  # of messages in hand, by identity
        self._bytes = 0
        self._failure: NatsError | None = None
        self._there = asyncio.Condition()

    async def fetch(self, batch: int, timeout: float) -> list[Msg]:  # noqa: ASYNC109  as nats-py
        """The next message; `batch` is 1.

        Raises:
            TimeoutError: there is none.
            nats.errors.Error: the stream could not be asked.
        """
        async with asyncio.timeout(timeout), self._there:
            await self._there.wait_for(lambda: self._turns.ready or self._failure is not None)
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            owner, msg = self._turns.take()
            self._owners[id(msg)] = owner
            self._bytes -= len(msg.data)
            return [msg]

    async def done(self, msg: Msg) -> None:
        """A message that was fetched is settled."""
        async with self._there:
            self._turns.done(self._owners.pop(id(msg)))
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
        now = asyncio.get_running_loop().time
        while True:
            try:
                found = await self._more()
            except TimeoutError:
                continue
            except NatsError as exc:
                async with self._there:
                    self._failure = exc
                    self._there.notify_all()
                await asyncio.sleep(FETCH_WAIT_S)
                continue
            if not found:
                await asyncio.sleep(FULL_WAIT_S)
                continue
            async with self._there:
                for msg in found:
                    self._turns.put(self._owner(msg), msg, now())
                    self._bytes += len(msg.data)
                self._there.notify_all()

    async def _more(self) -> list[Msg]:
        if self._turns.in_hand + len(self._turns) < self._places:
            return await self._subscription.fetch(1, timeout=FETCH_WAIT_S)
        room = min(BATCH, AHEAD - len(self._turns)) if self._bytes < AHEAD_BYTES else 0
        return await self._backlog(room) if room > 0 else []

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._ack_wait_s / 3)
            for msg in self._turns.items():
                with contextlib.suppress(NatsError):
                    await msg.in_progress()


@asynccontextmanager
async def in_turns(
    nc: Client,
    consumer: Consumer,
    subscription: JetStreamContext.PullSubscription,
    owner: Callable[[Msg], str],
    places: int,
    alone: int,
) -> AsyncIterator[TurnSubscription]:
    """The messages of a consumer in turns of their owners, until the block is left.

    Args:
        places: messages in hand at a time; of one owner one less.
        alone: the same of an owner while no other has come for a minute.
    """
    backlog = Backlog(nc, consumer)
    turns = Turns[Msg](max(1, places - 1), alone)
    made = TurnSubscription(subscription, backlog.take, owner, places, turns, consumer.ack_wait_s)
    ahead = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        await end(ahead)
        await backlog.close()
