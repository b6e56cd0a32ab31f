"""The composition root of tts."""

import asyncio

from nats.aio.msg import Msg

from dragoman_contract import codec, subjects
from dragoman_kit import bus as buses
from dragoman_kit.ops import Health, ops_app, serve_http, stop_http
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_models.settings import ModelsSettings
from dragoman_tts.engines import EngineError
from dragoman_tts.engines import load as load_engines
from dragoman_tts.settings import TtsSettings
from dragoman_tts.worker import TtsWorker


def main() -> None:
    """Run tts until SIGTERM."""
    settings, common, _ = load(TtsSettings, CommonSettings, ModelsSettings)  # engines read the third

    async def body(stop: asyncio.Event) -> None:
        await _serve(settings, common, stop)

    run("tts", common, body)


async def _serve(settings: TtsSettings, common: CommonSettings, stop: asyncio.Event) -> None:
    health = Health("tts", common.build)
    warmed = asyncio.Event()
    health.add("engine", lambda: _warm(warmed))
    server, task = await serve_http(ops_app(health), settings)
    bus = await buses.connect(common, "tts", health)
    try:
        engines = load_engines(settings)
    except EngineError as exc:
        raise SystemExit(f"dragoman-tts: {exc}") from exc
    for engine in engines:
        await asyncio.to_thread(engine.warm)
    worker = TtsWorker(bus, engines, settings.concurrency, settings.chunk_ms, common.build)
    health.add("work", worker.work.problem)

    async def tell(msg: Msg) -> None:
        await msg.respond(codec.encode(worker.capabilities()))

    subject = subjects.capabilities("tts")
    subscription = await bus.nc.subscribe(subject, queue="tts", cb=tell)
    warmed.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.work.run(), name="work")
        await stop.wait()
        health.draining = True
        await subscription.drain()  # type: ignore[no-untyped-call]
        worker.work.stop()
    await bus.close()
    await stop_http(server, task)


async def _warm(warmed: asyncio.Event) -> str | None:
    return None if warmed.is_set() else "the engines are being loaded"
