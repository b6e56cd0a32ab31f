"""The composition root of translation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from dragoman_kit.bus import Bus
from dragoman_kit.event_service import serve
from dragoman_kit.logging import get
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_kit.tasks import end
from dragoman_models import catalogue
from dragoman_models.settings import ModelsSettings
from dragoman_translation.engines import EngineError
from dragoman_translation.engines import load as load_engines
from dragoman_translation.engines.base import Translator
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

    def prepare(bus: Bus) -> AbstractAsyncContextManager[TranslationWorker]:
        return prepared(bus, settings, models, common.build)

    run("translation", common, lambda stop: serve("translation", settings, common, prepare, stop))


@asynccontextmanager
async def prepared(
    bus: Bus, settings: TranslationSettings, models: ModelsSettings, build: str
) -> AsyncIterator[TranslationWorker]:
    """The worker with its engines loaded; models are fetched, and pairs read again, until it is left.

    Raises:
        SystemExit: an engine that the settings name cannot be had.
    """
    engines = _engines(settings)
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
    want = fetching.want if models.fetch else None
    lacking = obtainable(known, engines)
    async with asyncio.TaskGroup() as group:
        beside = (
            group.create_task(_refresh(translation), name="refresh"),
            group.create_task(fetching.run(), name="fetch models"),
        )
        try:
            yield TranslationWorker(
                bus, translation, settings.concurrency, build, lacking, want, settings.tentative
            )
        finally:
            await end(*beside)
    for engine in engines.values():
        await engine.close()


def _engines(settings: TranslationSettings) -> dict[str, Translator]:
    try:
        return load_engines(settings)
    except EngineError as exc:
        raise SystemExit(f"dragoman-translation: {exc}") from exc


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
