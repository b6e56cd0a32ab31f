"""Firefox Translations models from the models folder, run by fxtranslate in processes of their own."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.languages import key
from dragoman_kit.logging import get
from dragoman_models.catalogue import Kind, Model
from dragoman_models.folder import ModelFolder
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.bergamot_pool import ENGINE, Pool, Unusable
from dragoman_translation.engines.bergamot_text import pieces
from dragoman_translation.engines.process import Process
from dragoman_translation.sentences import UNSPACED

log = get(__name__)
CHILD = "dragoman_translation.engines.bergamot_child"
COST_MS = 20.0  # a sentence of one core, measured; the larger models take more
TEXT_S, TEXT_S_A_CHARACTER = 20.0, 0.003
MISTRUST_S = 60.0  # how long a model that could not be loaded is left out


@dataclass(frozen=True, slots=True)
class _Usable:
    """The model of a direction."""

    name: str
    version: str  # changes with its files
    pair: Pair


class Bergamot:
    """One model a direction, loaded when it is first needed."""

    name = ENGINE
    heeds: frozenset[str] = frozenset()

    def __init__(self, folder: Path, processes: int, memory_bytes: int) -> None:
        self._folder = ModelFolder(folder)
        self._models: dict[tuple[str, str], _Usable] = {}
        self._mistrusted: dict[tuple[str, str], float] = {}  # (name, version) → until when
        self._pool = Pool(lambda: Process(CHILD, str(folder), str(memory_bytes)), processes)

    def pairs(self) -> list[Pair]:
        """Return the pairs of the folder, without models that failed to load a while ago. Blocks a little."""
        now = time.monotonic()
        found = [
            usable
            for model in self._folder.installed(Kind.TRANSLATOR, ENGINE)
            for usable in _usable(model)
            if self._mistrusted.get((usable.name, usable.version), 0.0) < now
        ]
        best = sorted(found, key=lambda usable: usable.pair.quality)
        self._models = {(usable.pair.source, usable.pair.target): usable for usable in best}
        return [usable.pair for usable in self._models.values()]

    async def warm(self, pairs: list[Pair]) -> None:
        """Load the models of these pairs into every process."""
        for pair in pairs:
            try:
                model = self._model(pair.source, pair.target)
                await self._pool.warm(model.name, model.version)
            except (MeshError, PeerError) as exc:
                log.warning("model not loaded", source=pair.source, target=pair.target, code=exc.code)
            except Unusable as exc:
                self._mistrust(model, exc)

    async def translate(self, job: Job) -> str:
        """Sentence by sentence; lines, and what has no letters, stay as they are.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`.
            MeshError: `TIMEOUT`, `BUSY` or `ENGINE_FAILED`.
        """
        model = self._model(job.source, job.target)
        try:
            async with asyncio.timeout(TEXT_S + TEXT_S_A_CHARACTER * len(job.text)):
                return await self._text(model, job)
        except TimeoutError:
            raise MeshError(FaultCode.TIMEOUT, "the translator did not answer in time") from None
        except Unusable as exc:
            self._mistrust(model, exc)
            raise MeshError(FaultCode.ENGINE_FAILED, "a model cannot be used") from exc

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()

    async def _text(self, model: _Usable, job: Job) -> str:
        from_unspaced, to_unspaced = key(job.source) in UNSPACED, key(job.target) in UNSPACED
        out: list[str] = []
        for piece, words in pieces(job.text, key(job.source)):
            if not words:
                out.append("" if to_unspaced and piece == " " else piece)
                continue
            if from_unspaced and not to_unspaced and out and not out[-1][-1:].isspace():
                out.append(" ")
            out.append(await self._pool.translate(model.name, model.version, piece))
        return "".join(out)

    def _model(self, source: str, target: str) -> _Usable:
        found = self._models.get((source, target))
        if found is None:
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"there is no model for {source}-{target}")
        return found

    def _mistrust(self, model: _Usable, exc: Unusable) -> None:
        log.error("model left out", model=model.name, reason=str(exc))
        self._mistrusted[model.name, model.version] = time.monotonic() + MISTRUST_S
        self._models.pop((model.pair.source, model.pair.target), None)


def _usable(model: Model) -> list[_Usable]:
    sums = "".join(file.sha256 for file in model.files)
    version = hashlib.sha256(sums.encode()).hexdigest()[:16]
    worth = {(quality.source, quality.target): quality.chrf for quality in model.quality}
    return [
        _Usable(
            model.name,
            version,
            Pair(source, target, quality=worth.get((source, target), 0.0), cost_ms=model.cost_ms or COST_MS),
        )
        for source, target in model.directions
    ]
