"""The engine: which model serves a pair, texts as sentences, and the time that a text may take."""

import asyncio
from collections.abc import Hashable
from pathlib import Path

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_kit.logging import get
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.ctranslate2.batches import Batches, Item
from dragoman_translation.engines.ctranslate2.models import Found, Models
from dragoman_translation.engines.process import Process
from dragoman_translation.sentences import Sentence, gap, joined, sentences

log = get(__name__)
TIMEOUT_S = 15.0  # a text
BATCH_S = 12.0  # a batch; then its process hangs
LOAD_S = 180.0
MOST_CHARACTERS = 20_000  # of a text
# OpenMP's threads spin while they wait: on cores that others use, a sentence then takes fifty times as long.
PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}
CHILD = "dragoman_translation.engines.ctranslate2.child"


class CTranslate2:
    """Models are loaded when they are first needed, or by `warm`, in a process of their own.

    Args:
        own: a folder of one's own models; empty = none.
        models: the models folder; None = none.
        threads: cores of a batch.
        memory: bytes that loaded models may take.
        compute_type: CTranslate2's type of numbers; "default" = the model's own.
    """

    name = "ctranslate2"
    heeds = frozenset({"shown"})

    def __init__(
        self,
        own: str,
        models: Path | None = None,
        threads: int = 1,
        memory: int = 4 * 1024**3,
        compute_type: str = "default",
    ) -> None:
        self._folders = Models(Path(own) if own else None, models, memory)
        self._models: list[Found] = []
        self._pairs: list[Pair] = []
        self.pairs()
        self._process = Process(CHILD, str(memory), str(threads), compute_type, environment=PASSIVE)
        self._batches = Batches(self._run)
        self._loaded: frozenset[str] = frozenset()

    def pairs(self) -> list[Pair]:
        """Return the best model's pair for each direction; the same list until the models change. Blocks."""
        found = self._folders.found()
        if found == self._models:
            return self._pairs
        best: dict[tuple[str, str], Pair] = {}
        for pair in (pair for model in found for pair in model.pairs()):
            known = best.get((pair.source, pair.target))
            if known is None or pair.quality > known.quality:
                best[pair.source, pair.target] = pair
        self._models, self._pairs = found, list(best.values())
        return self._pairs

    async def warm(self, pairs: list[Pair]) -> None:
        """Load the models of these pairs; one that cannot be loaded is told."""
        for model in dict.fromkeys(self._serving(pair.source, pair.target)[0] for pair in pairs):
            try:
                await self._load(model)
            except MeshError as exc:
                log.warning("model not warm", model=model.path.name, error=exc.message)

    async def translate(self, job: Job) -> str:
        """By the best model of the pair; by the next one when that fails.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, `TOO_LARGE`.
            MeshError: `TIMEOUT`, `BUSY`, `ENGINE_FAILED`.
        """
        if len(job.text) > MOST_CHARACTERS:
            raise PeerError(FaultCode.TOO_LARGE, f"a text has at most {MOST_CHARACTERS} characters")
        failure: MeshError | None = None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                for model in self._serving(job.source, job.target):
                    try:
                        return await self._translate(model, job)
                    except MeshError as exc:
                        failure = exc
        except TimeoutError:
            raise MeshError(FaultCode.TIMEOUT, "the translator did not answer in time") from None
        raise failure or MeshError(FaultCode.INTERNAL)

    async def close(self) -> None:
        """Let the process and the models go."""
        await self._batches.close()
        await self._process.close()

    def _serving(self, source: str, target: str) -> list[Found]:
        pairs = [(pair, model) for model in self._models if (pair := model.serving(source, target))]
        if not pairs:
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"there is no model for {source}-{target}")
        return [model for _, model in sorted(pairs, key=lambda found: -found[0].quality)]

    async def _translate(self, model: Found, job: Job) -> str:
        parts = sentences(job.text, job.source)
        about = (model.token(job.source), model.token(job.target), gap(job.target))
        lean = job.shown if len(parts) == 1 else ""  # nobody knows which of several it is of
        texts = await self._batches.translate(model, [Item(part.text, (*about, lean)) for part in parts])
        said = [Sentence(text, part.breaks) for text, part in zip(texts, parts, strict=True)]
        return joined(said, job.target)

    async def _run(self, model: Hashable, items: list[Item]) -> list[str | None]:
        if not isinstance(model, Found):
            raise TypeError
        if self._process.pid is None or str(model.path) not in self._loaded:
            await self._load(model)
        question = {"model": _about(model), "sentences": [[item.text, *item.about] for item in items]}
        answer = await self._process.ask(question, BATCH_S)
        self._loaded = frozenset(answer["models"])
        texts: list[str | None] = answer["texts"]
        return texts

    async def _load(self, model: Found) -> None:
        try:
            answer = await self._process.ask({"model": _about(model)}, LOAD_S)
        except MeshError as exc:  # no fault of a sentence
            raise MeshError(exc.code, exc.message) from None
        self._loaded = frozenset(answer["models"])


def _about(model: Found) -> dict[str, str | bool]:
    source, target = model.directions[0] if model.directions else ("en", "en")
    return {
        "path": str(model.path), "family": model.family, "checked": bool(model.name),
        "from": source, "to": target,
    }  # fmt: skip
