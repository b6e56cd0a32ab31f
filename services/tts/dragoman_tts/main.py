"""The composition root of tts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dragoman_kit.bus import Bus
from dragoman_kit.event_service import serve
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

    @asynccontextmanager
    async def prepare(bus: Bus) -> AsyncIterator[TtsWorker]:
        yield await prepared(bus, settings, common.build)

    run("tts", common, lambda stop: serve("tts", settings, common, prepare, stop))


async def prepared(bus: Bus, settings: TtsSettings, build: str) -> TtsWorker:
    """The worker with its engines loaded.

    Raises:
        SystemExit: an engine that the settings name cannot be had.
    """
    try:
        engines = load_engines(settings)
    except EngineError as exc:
        raise SystemExit(f"dragoman-tts: {exc}") from exc
    for engine in engines:
        await asyncio.to_thread(engine.warm)
    return TtsWorker(bus, engines, settings.concurrency, settings.chunk_ms, build)
