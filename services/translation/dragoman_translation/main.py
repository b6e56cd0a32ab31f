"""The composition root of translation."""

import asyncio

from nats.aio.msg import Msg

from dragoman_contract import codec, subjects
from dragoman_kit import bus as buses
from dragoman_kit.ops import Health, ops_app, serve_http, stop_http
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_translation.engines import EngineError
from dragoman_translation.engines import load as load_engines
from dragoman_translation.engines.base import Pair
from dragoman_translation.settings import TranslationSettings
from dragoman_translation.translate import Translation
from dragoman_translation.worker import TranslationWorker


def main() -> None:
    """Run translation until SIGTERM."""
    settings, common = load(TranslationSettings, CommonSettings)

    async def body(stop: asyncio.Event) -> None:
        await _serve(settings, common, stop)

    run("translation", common, body)


async def _serve(settings: TranslationSettings, common: CommonSettings, stop: asyncio.Event) -> None:
    health = Health("translation", common.build)
    warmed = asyncio.Event()
    health.add("engine", lambda: _warm(warmed))
    server, task = await serve_http(ops_app(health), settings)
    bus = await buses.connect(common, "translation", health)
    try:
        engines = load_engines(settings)
    except EngineError as exc:
        raise SystemExit(f"dragoman-translation: {exc}") from exc
    for engine in engines.values():
        known = {(pair.source, pair.target) for pair in engine.pairs()}
        wanted = [tuple(pair.split("-", 1)) for pair in settings.warm.split(",") if "-" in pair]
        await engine.warm([Pair(*pair) for pair in wanted if pair in known])
    worker = TranslationWorker(bus, Translation(engines), settings.concurrency, common.build)
    health.add("work", worker.work.problem)

    async def tell(msg: Msg) -> None:
        await msg.respond(codec.encode(worker.capabilities()))

    subject = subjects.capabilities("translation")
    subscription = await bus.nc.subscribe(subject, queue="translation", cb=tell)
    warmed.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.work.run(), name="work")
        await stop.wait()
        health.draining = True
        await subscription.drain()  # type: ignore[no-untyped-call]
        worker.work.stop()
    for engine in engines.values():
        await engine.close()
    await bus.close()
    await stop_http(server, task)


async def _warm(warmed: asyncio.Event) -> str | None:
    return None if warmed.is_set() else "the engines are being loaded"
