"""Better models, fetched at the first need: in the background, one at a time, each tried once in a while."""

import asyncio
import time
from collections.abc import Callable, Iterable

from dragoman_contract.languages import key
from dragoman_kit.logging import get
from dragoman_models.catalogue import Kind, Model
from dragoman_models.ensure import ensure
from dragoman_models.names import LIGHT
from dragoman_models.settings import ModelsSettings
from dragoman_translation.translate import Translation

log = get(__name__)
AGAIN_S = 3600.0  # until a pair that could not be fetched is tried again
MOST = 24  # pairs in the life of a process: clients choose languages, and must not fill the disk
WORTH = 1.0  # chrF by which a model must be better than the chain that is there
Fetch = Callable[[str], None]  # a pair's name; blocks, and tells by itself what became of it


class ModelFetching:
    """Fetches the models of pairs that are wanted and served worse than the catalogue's models would.

    Args:
        fetch: makes the best model of a pair available.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        translation: Translation,
        known: Iterable[Model],
        fetch: Fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._translation = translation
        self._offers = _offers(known)
        self._fetch = fetch
        self._clock = clock
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST)
        self._tried: dict[tuple[str, str], float] = {}

    def want(self, source: str, target: str) -> None:
        """A text of this pair is translated, or will be: cheap, never blocks."""
        pair = (key(source), key(target))
        if pair not in self._offers or self._tried.get(pair, float("-inf")) > self._clock() - AGAIN_S:
            return
        if pair not in self._tried and len(self._tried) >= MOST:
            return
        if self._offers[pair] <= self._served(*pair) + WORTH or self._waiting.full():
            return
        self._tried[pair] = self._clock()
        self._waiting.put_nowait(pair)

    async def run(self) -> None:
        """Fetch what was wanted, one after the other, until cancelled."""
        while True:
            source, target = await self._waiting.get()
            try:
                await asyncio.to_thread(self._fetch, f"{source}-{target}")
            except Exception as exc:  # noqa: BLE001  translation goes on with what is there
                log.error("model not fetched", pair=f"{source}-{target}", error=type(exc).__name__)

    def _served(self, source: str, target: str) -> float:
        chains = self._translation.chains(source, target)
        return chains[0].quality if chains else 0.0


def fetcher(settings: ModelsSettings) -> Fetch:
    """Fetches as the settings say, and logs what came of it."""

    def fetch(pair: str) -> None:
        ensure([pair], settings, lambda line: log.info("models", told=line))

    return fetch


def _offers(known: Iterable[Model]) -> dict[tuple[str, str], float]:
    """The best expected chrF of the models that a pair's name means, by direction."""
    best: dict[tuple[str, str], float] = {}
    for model in known:
        if model.kind is not Kind.TRANSLATOR or dict(model.settings).get("architecture") not in LIGHT:
            continue
        for quality in model.quality:
            pair = (key(quality.source), key(quality.target))
            best[pair] = max(best.get(pair, 0.0), quality.chrf)
    return best
