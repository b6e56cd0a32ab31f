"""The life of a service around its event worker: start, answer, work, drain."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from dragoman_kit import bus as buses
from dragoman_kit.bus import Bus
from dragoman_kit.event_worker import EventWorker
from dragoman_kit.ops import Health, ops_app, serving
from dragoman_kit.settings import CommonSettings, ServiceSettings

Prepared = AbstractAsyncContextManager[EventWorker[Any]]


async def serve(
    service: str,
    settings: ServiceSettings,
    common: CommonSettings,
    prepare: Callable[[Bus], Prepared],
    stop: asyncio.Event,
) -> None:
    """Run a service until `stop` is set: ready when its worker is prepared and has its consumer.

    `prepare(bus)` loads the engines and yields the worker; it is left when the work in hand is finished.

    Raises:
        SystemExit: `prepare` or the HTTP port cannot start.
        ExceptionGroup: the worker, or what `prepare` runs beside it, failed.
        RuntimeError: the HTTP server ended; the work in hand was finished.
    """
    health = Health(service, common.build)
    warmed = asyncio.Event()
    health.add("engine", lambda: _warm(warmed))
    async with serving(ops_app(health), settings, stop):
        bus = await buses.connect(common, service, health)
        async with prepare(bus) as worker:
            health.add("work", worker.work.problem)
            async with asyncio.TaskGroup() as group:
                async with worker.announced():
                    warmed.set()
                    group.create_task(worker.work.run(), name="work")
                    await stop.wait()
                    health.draining = True
                worker.work.stop()
        await bus.close()


async def _warm(warmed: asyncio.Event) -> str | None:
    return None if warmed.is_set() else "the engines are being loaded"
