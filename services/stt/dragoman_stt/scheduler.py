"""Decodes of all tracks on a bounded number of threads: what is urgent first, then who waited longest.

Accounts have turns, and so have the tracks of an account: who has many of them waits for himself. While
another account speaks, none takes the last of several threads, and imports never do: a decode cannot be
interrupted, and who speaks now would wait for it. Imports come behind all live speech. A track asks for a
turn and says what it wants decoded only when its turn has come: what it decodes is then the newest audio,
and nothing stale waits in a queue. A track has one decode at a time.
"""

import asyncio
import contextlib
import time
from collections import Counter as Count
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from prometheus_client import Counter, Gauge, Histogram

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_stt.engines.base import Audio, DecodeOptions, Hypothesis, Recogniser, StreamingRecogniser

BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10)
DECODE_SECONDS = Histogram("dragoman_stt_decode_seconds", "Duration of a decode", ["kind"], buckets=BUCKETS)
WAIT_SECONDS = Histogram("dragoman_stt_wait_seconds", "Wait for a decode thread", ["kind"], buckets=BUCKETS)
REAL_TIME_FACTOR = Gauge("dragoman_stt_real_time_factor", "Decode time per second of audio, smoothed")
QUEUE = Gauge("dragoman_stt_decode_queue", "Waiting decodes")
FAILED = Counter("dragoman_stt_decode_failures_total", "Failed decodes", ["reason"])
SMOOTHING = 0.1
T = TypeVar("T")
REMEMBERED_S = 10.0  # of waits
SPEAKING_S = 5.0  # after it last asked for a thread an account is thought to speak


@dataclass(eq=False, slots=True)
class Seat:
    """One track's place in the line; `urgent` says whether it should go first, `owner` whose it is.

    `background`: it is an import.
    """

    urgent: Callable[[], bool]
    owner: str = ""
    background: bool = False
    served: int = 0  # when it last had a turn


@dataclass(eq=False, slots=True)
class Turn:
    """The right to decode; the thread is free again when the decode has really ended."""

    scheduler: "Scheduler"
    owner: str = ""
    background: bool = False
    work: Future[Any] | None = None

    async def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Decode on the thread of this turn; may be called again when it has returned.

        Raises:
            MeshError: `TIMEOUT` or `ENGINE_FAILED`.
        """
        scheduler = self.scheduler
        engine = cast(Recogniser, scheduler.engine)  # streams are stepped
        work = partial(engine.decode, audio, options)
        return await scheduler.run(self, work, len(audio) / SAMPLE_RATE, options.final)

    async def run(self, work: Callable[[], T], seconds: float) -> T:
        """Do the work on the thread of this turn; it is of so many seconds of audio, and urgent.

        Raises:
            MeshError: `TIMEOUT` or `ENGINE_FAILED`.
        """
        return await self.scheduler.run(self, work, seconds, True)


class Scheduler:
    """`workers` decodes at a time; one that takes longer than `timeout_s` has failed."""

    def __init__(self, engine: Recogniser | StreamingRecogniser, workers: int, timeout_s: float) -> None:
        self.engine = engine
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._workers = workers
        self._free = workers
        self._overdue: set[Future[Any]] = set()
        self._timeout_s = timeout_s
        self._waiting: list[tuple[Seat, asyncio.Future[None]]] = []
        self._turns = 0
        self._decoding: Count[str] = Count()  # threads by owner
        self._asked: dict[str, float] = {}  # when each owner last asked for a thread, monotonic s
        self._waits: deque[tuple[float, float]] = deque(maxlen=1000)  # when a wait ended, how long it was
        self.real_time_factor = 0.0
        self.final_seconds = 0.0  # of all threads, spent on finals so far

    @property
    def stuck(self) -> bool:
        """Whether every thread hangs in a decode that has failed already."""
        return len(self._overdue) >= self._workers

    def lag_s(self, now: float) -> float:
        """Return the average wait for a thread in the last seconds; `now` is monotonic."""
        waits = [wait for at, wait in self._waits if now - at < REMEMBERED_S]
        return sum(waits) / len(waits) if waits else 0.0

    @asynccontextmanager
    async def turn(self, seat: Seat) -> AsyncIterator[Turn]:
        """Wait for a thread."""
        started = time.monotonic()
        await self._enter(seat)
        self._turns += 1
        seat.served = self._turns
        now = time.monotonic()
        if not seat.background:  # which may wait, and is no reason to take fewer tracks
            kind = "final" if seat.urgent() else "interim"
            WAIT_SECONDS.labels(kind).observe(now - started)
            self._waits.append((now, now - started))
        turn = Turn(self, seat.owner, seat.background)
        try:
            yield turn
        finally:
            self._end(turn)

    async def run(self, turn: Turn, function: Callable[[], T], seconds: float, final: bool) -> T:
        """Do the work in a free thread, in the order of the classes.

        Raises: MeshError if it takes too long.
        """
        started = time.monotonic()
        work = self._pool.submit(function)
        turn.work = work
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.shield(asyncio.wrap_future(work))
        except TimeoutError:
            FAILED.labels("timeout").inc()
            self._overdue.add(work)
            self._grant()
            raise MeshError(FaultCode.TIMEOUT, "recognition took too long") from None
        except DragomanError as exc:
            FAILED.labels(exc.code).inc()
            raise
        except Exception as exc:
            FAILED.labels(type(exc).__name__).inc()
            raise MeshError(FaultCode.ENGINE_FAILED, "recognition failed") from exc
        finally:
            self._measure(time.monotonic() - started, seconds, final, turn.background)

    async def _enter(self, seat: Seat) -> None:
        if not seat.background:
            self._asked[seat.owner] = time.monotonic()
        if self._permits(seat):
            self._take(seat)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        item = (seat, turn)
        self._waiting.append(item)
        QUEUE.set(len(self._waiting))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn had just come
                self._leave(seat.owner)
            raise
        finally:
            self._waiting = [other for other in self._waiting if other is not item]
            QUEUE.set(len(self._waiting))

    def _end(self, turn: Turn) -> None:
        if turn.work is None or turn.work.done():
            self._recovered(turn)
            return
        loop = asyncio.get_running_loop()

        def over(work: Future[Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._recovered, turn)

        turn.work.add_done_callback(over)

    def _recovered(self, turn: Turn) -> None:
        if turn.work is not None:
            self._overdue.discard(turn.work)
        self._leave(turn.owner)

    def _take(self, seat: Seat) -> None:
        self._free -= 1
        self._decoding[seat.owner] += 1

    def _leave(self, owner: str) -> None:
        self._free += 1
        self._decoding[owner] -= 1
        if not self._decoding[owner]:
            del self._decoding[owner]
        self._grant()

    def _grant(self) -> None:
        """Give the threads that are free to those who may have them."""
        while waiting := [item for item in self._waiting if not item[1].done() and self._permits(item[0])]:
            seat, turn = min(waiting, key=lambda item: self._order(item[0]))
            self._take(seat)
            turn.set_result(None)

    def _permits(self, seat: Seat) -> bool:
        """Whether a seat may have one of the threads that are free."""
        return self._free > (1 if self._workers > 1 and self._leaves_one(seat) else 0)

    def _leaves_one(self, seat: Seat) -> bool:
        """Whether the last thread is for others: of an import, and of an account that has all the rest."""
        if seat.background:
            return True
        if self._overdue:  # a thread that hangs may never be free again: its account would wait for ever
            return False
        now = time.monotonic()
        self._asked = {owner: at for owner, at in self._asked.items() if now - at < SPEAKING_S}
        return self._decoding[seat.owner] >= self._workers - 1 and any(
            owner != seat.owner for owner in self._asked
        )

    def _order(self, seat: Seat) -> tuple[bool, bool, int, int]:
        """What decides whose turn it is: the least first."""
        return seat.background, not seat.urgent(), self._decoding[seat.owner], seat.served

    def _measure(self, took: float, seconds: float, final: bool, background: bool) -> None:
        DECODE_SECONDS.labels("final" if final else "interim").observe(took)
        if final and not background:
            self.final_seconds += took
        factor = took / max(seconds, 0.5)
        before = self.real_time_factor or factor
        self.real_time_factor = before + SMOOTHING * (factor - before)
        REAL_TIME_FACTOR.set(self.real_time_factor)

    def close(self) -> None:
        """Let the threads go; what they do is finished first."""
        self._pool.shutdown(wait=False, cancel_futures=True)
