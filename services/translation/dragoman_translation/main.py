"""The composition root of translation."""

import asyncio

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import PeerError
from dragoman_kit import bus as buses
from dragoman_kit.logging import get
from dragoman_kit.ops import Health, ops_app, serve_http, stop_http
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_models import catalogue
from dragoman_models.settings import ModelsSettings
from dragoman_translation.engines import EngineError
from dragoman_translation.engines import load as load_engines
from dragoman_translation.engines.bergamot_pool import ENGINE as BERGAMOT
from dragoman_translation.fetching import ModelFetching, fetcher
from dragoman_translation.obtainable import obtainable
from dragoman_translation.settings import TranslationSettings
from dragoman_translation.translate import Translation
from dragoman_translation.worker import TranslationWorker

log = get(__name__)
REFRESH_S = 3.0  # models come and go while the service runs


def main() -> None:
    """Run translation until SIGTERM."""
    settings, common, models = load(TranslationSettings, CommonSettings, ModelsSettings)

    async def body(stop: asyncio.Event) -> None:
        await _serve(settings, common, models, stop)

    run("translation", common, body)


async def _serve(
    settings: TranslationSettings, common: CommonSettings, models: ModelsSettings, stop: asyncio.Event
) -> None:
    health = Health("translation", common.build)
    warmed = asyncio.Event()
    health.add("engine", lambda: _warm(warmed))
    server, task = await serve_http(ops_app(health), settings)
    bus = await buses.connect(common, "translation", health)
    try:
        engines = load_engines(settings)
    except EngineError as exc:
        raise SystemExit(f"dragoman-translation: {exc}") from exc
    # Off the loop: some engines ask a server for their pairs.
    translation = await asyncio.to_thread(Translation, engines, settings.within_ms)
    wanted = wanted_pairs(settings.warm)
    await asyncio.to_thread(translation.pairs)  # told at once when it is asked
    await translation.warm(wanted)
    known = catalogue.load()
    fetching = ModelFetching(translation, known if BERGAMOT in engines else (), fetcher(models))
    if models.fetch:
        for pair in wanted:
            fetching.want(*pair)
    lacking = obtainable(known, engines)
    want = fetching.want if models.fetch else None
    worker = TranslationWorker(bus, translation, settings.concurrency, common.build, lacking, want)
    health.add("work", worker.work.problem)

    async def tell(msg: Msg) -> None:
        try:
            page = codec.decode(rpc.CapabilitiesRequest, msg.data).page
        except PeerError:
            return
        await msg.respond(codec.encode(worker.capabilities(page)))

    subject = subjects.capabilities("translation")
    subscription = await bus.nc.subscribe(subject, queue="translation", cb=tell)
    warmed.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.work.run(), name="work")
        beside = [
            group.create_task(_refresh(translation), name="refresh"),
            group.create_task(fetching.run(), name="fetch models"),
        ]
        await stop.wait()
        for task in beside:
            task.cancel()
        health.draining = True
        await subscription.drain()  # type: ignore[no-untyped-call]
        worker.work.stop()
    for engine in engines.values():
        await engine.close()
    await bus.close()
    await stop_http(server, task)


def wanted_pairs(setting: str) -> list[tuple[str, str]]:
    """`en-es,pt-en` as pairs; what is no pair is left out."""
    split = (item.strip().split("-") for item in setting.split(","))
    return [(parts[0], "-".join(parts[1:])) for parts in split if len(parts) > 1]


async def _refresh(translation: Translation) -> None:
    while True:
        await asyncio.sleep(REFRESH_S)
        try:
            changed = await translation.refresh()
        except Exception as exc:  # noqa: BLE001  what cannot be read now keeps what is known
            log.error("pairs not refreshed", error=type(exc).__name__)
            continue
        if changed:
            log.info("pairs changed", pairs=len(translation.pairs()))


async def _warm(warmed: asyncio.Event) -> str | None:
    return None if warmed.is_set() else "the engines are being loaded"
