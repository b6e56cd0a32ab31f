"""Shared work on JetStream: a durable pull consumer with explicit ack, progress and bounded tries."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from prometheus_client import Counter, Gauge, Histogram

from dragoman_contract.errors import DragomanError
from dragoman_kit.begun_work import MOST_DEATHS, BegunWork
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.streams import Consumer
from dragoman_kit.turns import TurnSubscription, in_turns

log = get(__name__)

DONE = Counter("dragoman_work_done_total", "Work messages by outcome", ["consumer", "outcome"])
CONSUMERS_LOST = Counter(
    "dragoman_work_consumers_lost_total", "Times the bus had lost a consumer", ["consumer"]
)
MISSING = Gauge(
    "dragoman_work_consumer_missing", "1 while the consumer of this work cannot be seen", ["consumer"]
)
IN_HAND = Gauge("dragoman_work_in_hand", "Work messages in progress", ["consumer"])
SECONDS = Histogram(
    "dragoman_work_seconds",
    "Time to handle a work message",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
OUTCOMES = ("done", "again", "given_up", "unacknowledged")
FETCH_WAIT_S = 5.0
MAX_RETRY_DELAY_S = 30.0
LOOK_AGAIN_S = 0.5  # the streams are being made
FETCH_AGAIN_S = 0.25
GIVE_WAY_S, GIVE_WAY_EVERY_S = 1.0, 0.02  # to work of a better class


class Poison(Exception):
    """The message can never be handled: give it up at once, do not try it again."""


@dataclass(frozen=True, slots=True)
class WorkSettings:
    """Settings of a consumer's worker. A handler may run for `handler_timeout_s`; progress is told."""

    consumer: Consumer
    concurrency: int = 4
    handler_timeout_s: float = 20.0
    max_deliver: int = 4
    retry_delay_s: float = 0.2


Handler = Callable[[Msg], Awaitable[None]]
Source = JetStreamContext.PullSubscription | TurnSubscription
GiveUp = Callable[[Msg, str], Awaitable[None]]


class Worker:
    """Pulls from a shared consumer and handles up to `concurrency` messages at a time.

    `handle(msg)` returns when its results are published; only then the message is acknowledged. An
    exception means "again later"; after `max_deliver` tries, or at once for `Poison`, `give_up(msg, reason)`
    must publish what takes the place of the result, then the message is terminated.

    Args:
        first: work that goes before this one, for as long as it fills its own places.
        owner: whose a message is, where several owners have turns.
        alone: places of an owner while nobody else has work; by default one is left for others all the same.
        begun: notes what is in hand, so that work which ends its workers is given up after the second.
    """

    def __init__(
        self,
        bus: Bus,
        settings: WorkSettings,
        handle: Handler,
        give_up: GiveUp,
        first: "Worker | None" = None,
        owner: Callable[[Msg], str] | None = None,
        alone: int = 0,
        begun: BegunWork | None = None,
    ) -> None:
        self._bus = bus
        self._settings = settings
        self._handle = handle
        self._on_given_up = give_up
        self._stopping = asyncio.Event()
        self._seen_at = -1  # reconnects of the bus when the consumer was last seen; -1 = look for it
        self._looking = asyncio.Lock()
        _initialise(settings.consumer.durable)
        self._first = first
        self._owner = owner
        self._alone = alone
        self._begun = begun
        self._busy = 0

    @property
    def full(self) -> bool:
        """Whether every place has a message in hand."""
        return self._busy >= self._settings.concurrency

    async def problem(self) -> str | None:
        """For readiness: before the consumer is there, and after the bus lost it, nothing is done."""
        if self._seen_at >= 0:
            return None
        return "the work's consumer is not there yet: it comes with the streams"

    async def run(self) -> None:
        """Work until `stop`; messages in hand are finished first."""
        shared = self._settings.consumer
        subscription = await self._bus.js.pull_subscribe_bind(durable=shared.durable, stream=shared.stream)
        if self._owner is None:
            await self._work(subscription)
            return
        places = self._settings.concurrency
        async with in_turns(self._bus.nc, shared, subscription, self._owner, places, self._alone) as source:
            await self._work(source)

    async def _work(self, subscription: Source) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._settings.concurrency):
                group.create_task(
                    self._loop(subscription), name=f"{self._settings.consumer.durable}-{number}"
                )

    def stop(self) -> None:
        """Take no new work."""
        self._stopping.set()

    async def _find_consumer(self) -> None:
        """Wait for the consumer, which is made with the streams; a bus that comes back may have lost it."""
        shared = self._settings.consumer
        async with self._looking:
            while self._seen_at != self._bus.reconnects and not self._stopping.is_set():
                reconnects = self._bus.reconnects
                try:
                    await self._bus.js.consumer_info(shared.stream, shared.durable)
                    self._seen_at = reconnects
                    MISSING.labels(shared.durable).set(0)
                except (NatsError, TimeoutError) as exc:
                    if self._seen_at >= 0 and isinstance(exc, NotFoundError):
                        CONSUMERS_LOST.labels(shared.durable).inc()
                    self._seen_at = -1
                    MISSING.labels(shared.durable).set(1)
                    log.warning("consumer not available", consumer=shared.durable, error=type(exc).__name__)
                    await asyncio.sleep(LOOK_AGAIN_S)

    async def _loop(self, subscription: Source) -> None:
        while not self._stopping.is_set():
            await self._find_consumer()
            await self._give_way()
            for msg in await self._fetch(subscription):
                self._busy += 1
                try:
                    await self._one(msg)
                finally:
                    self._busy -= 1
                    if isinstance(subscription, TurnSubscription):
                        await subscription.done(msg)

    async def _give_way(self) -> None:
        """Let work of a better class go first, though not for ever."""
        until = time.monotonic() + GIVE_WAY_S
        while self._first is not None and self._first.full and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(GIVE_WAY_EVERY_S)

    async def _fetch(self, subscription: Source) -> list[Msg]:
        fetch = asyncio.create_task(subscription.fetch(1, timeout=FETCH_WAIT_S))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({fetch, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not fetch.done():
                fetch.cancel()
                return []
            return fetch.result()
        except TimeoutError:
            return []
        except NatsError as exc:
            log.warning("fetch failed", consumer=self._settings.consumer.durable, error=type(exc).__name__)
            self._seen_at = -1  # "no responders": there may be no consumer any more
            await asyncio.sleep(FETCH_AGAIN_S)
            return []
        finally:
            stopping.cancel()

    async def _one(self, msg: Msg) -> None:
        name = self._settings.consumer.durable
        started = time.monotonic()
        progress = asyncio.create_task(self._keep_alive(msg))
        try:
            with IN_HAND.labels(name).track_inprogress():
                outcome = await self._try(msg)
        finally:
            progress.cancel()
        DONE.labels(name, outcome).inc()
        SECONDS.labels(name).observe(time.monotonic() - started)

    async def _try(self, msg: Msg) -> str:
        if (msg.metadata.num_delivered or 1) > self._settings.max_deliver:
            return await self._give_up(msg, "crashed")  # every worker that took it died of it
        try:
            await self._begin(msg)
        except Poison as exc:
            return await self._give_up(msg, str(exc) or "malformed")
        except Exception as exc:  # noqa: BLE001  whatever it was, the work is tried again and then given up
            return await self._again(msg, exc)
        return "done" if await _acknowledge(msg.ack) else "unacknowledged"

    async def _begin(self, msg: Msg) -> None:
        if self._begun is None:
            await asyncio.wait_for(self._handle(msg), self._settings.handler_timeout_s)
            return
        deaths = await self._begun.deaths(msg)
        if deaths >= MOST_DEATHS:
            raise Poison("ended its workers")
        async with self._begun.trying(msg, deaths):
            await asyncio.wait_for(self._handle(msg), self._settings.handler_timeout_s)

    async def _again(self, msg: Msg, exc: Exception) -> str:
        reason = _reason(exc)
        tries = msg.metadata.num_delivered or 1
        log.warning("work failed", consumer=self._settings.consumer.durable, reason=reason, tries=tries)
        if tries >= self._settings.max_deliver:
            return await self._give_up(msg, reason)
        await _acknowledge(
            lambda: msg.nak(delay=min(MAX_RETRY_DELAY_S, self._settings.retry_delay_s * 2 ** min(tries, 16)))
        )
        return "again"

    async def _give_up(self, msg: Msg, reason: str) -> str:
        try:
            await asyncio.wait_for(self._on_given_up(msg, reason), self._settings.handler_timeout_s)
        except Exception as exc:  # noqa: BLE001  not told yet: let it come back
            log.error("giving up failed", consumer=self._settings.consumer.durable, error=type(exc).__name__)
            await _acknowledge(lambda: msg.nak(delay=1))
            return "again"
        await _acknowledge(msg.term)
        return "given_up"

    async def _keep_alive(self, msg: Msg) -> None:
        while True:
            await asyncio.sleep(self._settings.consumer.ack_wait_s / 3)
            await _acknowledge(msg.in_progress)


class Workers:
    """Classes of one service's work, which run and stop together."""

    def __init__(self, *workers: Worker) -> None:
        self._workers = workers

    async def problem(self) -> str | None:
        """For readiness: the first problem of any."""
        for worker in self._workers:
            if (problem := await worker.problem()) is not None:
                return problem
        return None

    async def run(self) -> None:
        """Work until `stop`; messages in hand are finished first."""
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(worker.run())

    def stop(self) -> None:
        """Take no new work."""
        for worker in self._workers:
            worker.stop()


def waited_ms(msg: Msg) -> int:
    """Return the time that a message lay in the stream, in ms."""
    at = msg.metadata.timestamp
    lay = (datetime.now(UTC) - at.replace(tzinfo=UTC)).total_seconds() if at else 0.0
    return max(0, round(lay * 1000))


def waited(msg: Msg) -> dict[str, int]:
    """For the span of a piece of work: how long it lay in the stream (ms), and the number of this try."""
    return {"waited_ms": waited_ms(msg), "try": msg.metadata.num_delivered or 1}


def _initialise(consumer: str) -> None:
    """Make the series that alerts read, so that the first event is seen as a change from 0."""
    CONSUMERS_LOST.labels(consumer)
    MISSING.labels(consumer).set(1)
    for outcome in OUTCOMES:
        DONE.labels(consumer, outcome)


def _reason(exc: Exception) -> str:
    while isinstance(exc, ExceptionGroup):  # of a task group: its first failure tells the most
        exc = exc.exceptions[0]
    return exc.code if isinstance(exc, DragomanError) else type(exc).__name__


async def _acknowledge(call: Callable[[], Awaitable[None]]) -> bool:
    try:
        await call()
    except NatsError as exc:
        # The server delivers again; the results carry message ids, so the repeat is dropped.
        log.warning("acknowledgement failed", error=type(exc).__name__)
        return False
    return True
