"""The life of a service process: loop, signals, start, drain, stop."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable

import uvloop

from dragoman_kit import logging, telemetry
from dragoman_kit.loop_watch import watch_loop
from dragoman_kit.settings import CommonSettings
from dragoman_kit.tasks import end

COLLECT_AFTER = (5000, 10, 5)  # seven times as seldom as usual for new objects: frames make no cycles
Service = Callable[[asyncio.Event], Awaitable[None]]


def run(service: str, common: CommonSettings, body: Service) -> None:
    """Run `body(stop)` until it returns; `stop` is set by SIGTERM or SIGINT. A second signal ends at once."""
    logging.setup(service, common.log_level, common.log_format)
    telemetry.setup(service, common.build, common.otlp_endpoint)
    _spare_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_supervise(body, common.blocked_limit_s))


def _spare_collector() -> None:
    """Let the cycle collector pass over what lives as long as the process, and look more seldom."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def _supervise(body: Service, blocked_limit_s: float) -> None:
    stop = asyncio.Event()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    watching = asyncio.create_task(watch_loop(blocked_limit_s), name="loop watch")
    try:
        await body(stop)
    finally:
        await end(watching)
