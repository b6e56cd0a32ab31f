"""Decodes of all tracks in a bounded pool: finals before interims, the track that waited longest first."""

import asyncio
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from prometheus_client import Gauge, Histogram

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_stt.engines.base import Audio, DecodeOptions, Hypothesis, Recogniser

DECODE_SECONDS = Histogram(
    "dragoman_stt_decode_seconds",
    "Time of one decode",
    ["kind"],
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10),
)
REAL_TIME_FACTOR = Gauge("dragoman_stt_real_time_factor", "Decode time per second of audio, smoothed")
QUEUE = Gauge("dragoman_stt_decode_queue", "Decodes that wait")
TIMEOUT_S = 30.0


class Scheduler:
    """`workers` decodes at a time. A track has at most two decodes in hand: the tracks bound the queue."""

    def __init__(self, engine: Recogniser, workers: int) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._free = workers
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.real_time_factor = 0.0

    @property
    def busy(self) -> bool:
        """Whether a decode would have to wait."""
        return self._free <= 0

    async def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Wait for a place, then decode.

        Raises:
            MeshError: `TIMEOUT` or `ENGINE_FAILED`.
        """
        await self._enter(options.final)
        started = time.monotonic()
        try:
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(self._pool, self._engine.decode, audio, options)
            async with asyncio.timeout(TIMEOUT_S):
                return await work
        except TimeoutError:
            raise MeshError(FaultCode.TIMEOUT, "recognition took too long") from None
        except DragomanError:
            raise
        except Exception as exc:  # an engine may raise anything; its track goes on
            raise MeshError(FaultCode.ENGINE_FAILED, "recognition failed") from exc
        finally:
            self._leave()
            self._measure(time.monotonic() - started, len(audio) / SAMPLE_RATE, options.final)

    async def _enter(self, final: bool) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((not final, next(self._order), turn))
        QUEUE.set(len(self._waiting))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise
        finally:
            self._waiting = [item for item in self._waiting if item[2] is not turn]
            QUEUE.set(len(self._waiting))

    def _leave(self) -> None:
        for _, _, turn in sorted(self._waiting, key=lambda item: item[:2]):
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _measure(self, took: float, seconds: float, final: bool) -> None:
        DECODE_SECONDS.labels("final" if final else "interim").observe(took)
        factor = took / max(seconds, 0.5)
        self.real_time_factor = (
            0.9 * self.real_time_factor + 0.1 * factor if self.real_time_factor else factor
        )
        REAL_TIME_FACTOR.set(self.real_time_factor)

    def close(self) -> None:
        """Let the threads go; what they do is finished first."""
        self._pool.shutdown(wait=False, cancel_futures=True)
