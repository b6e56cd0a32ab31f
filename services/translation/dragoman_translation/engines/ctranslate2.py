"""CTranslate2 with OPUS-MT or NLLB weights from a folder.

The folder holds one folder for each model:

- `<source>-<target>/` (for example `en-de`): `model.bin`, `source.spm`, `target.spm`, as OPUS-MT converts;
- `nllb/`: `model.bin`, `sentencepiece.bpe.model`; serves every pair of the languages below.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines.base import Job, Pair

TIMEOUT_S = 15.0
BEAM = 2
# NLLB names languages by FLORES-200 codes.
FLORES = {
    "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "de": "deu_Latn", "it": "ita_Latn",
    "pt": "por_Latn", "ca": "cat_Latn", "nl": "nld_Latn", "pl": "pol_Latn", "ru": "rus_Cyrl",
    "uk": "ukr_Cyrl", "tr": "tur_Latn", "ar": "arb_Arab", "he": "heb_Hebr", "hi": "hin_Deva",
    "bn": "ben_Beng", "ta": "tam_Taml", "te": "tel_Telu", "zh": "zho_Hans", "ja": "jpn_Jpan",
    "ko": "kor_Hang", "vi": "vie_Latn", "id": "ind_Latn", "sv": "swe_Latn",
}  # fmt: skip


class CTranslate2:
    """Models are loaded when they are first needed, or by `warm`."""

    name = "ctranslate2"
    heeds: frozenset[str] = frozenset()

    def __init__(self, folder: str, threads: int = 2) -> None:
        self._folder = Path(folder) if folder else None
        self._threads = threads
        self._models: dict[Path, _Model] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ctranslate2")

    def pairs(self) -> list[Pair]:
        """What the folder holds; a better choice than Apertium where both can."""
        if self._folder is None:
            return []
        names = [path.parent.name for path in self._folder.glob("*/model.bin")]
        named = [name.split("-") for name in names if name.count("-") == 1]
        direct = [Pair(source, target, cost=0.5) for source, target in named]
        if "nllb" not in names:
            return direct
        return direct + [Pair(s, t, cost=0.8) for s in FLORES for t in FLORES if s != t]

    async def warm(self, pairs: list[Pair]) -> None:
        """Load the models of these pairs."""
        loop = asyncio.get_running_loop()
        for pair in pairs:
            await loop.run_in_executor(self._pool, self._model, pair.source, pair.target)

    async def translate(self, job: Job) -> str:
        """Off the event loop, one text at a time."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, self._translate, job)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await work
        except TimeoutError:
            raise MeshError(FaultCode.TIMEOUT, "the translator did not answer in time") from None
        except (RuntimeError, ValueError) as exc:
            raise MeshError(FaultCode.ENGINE_FAILED, "the translator failed") from exc

    async def close(self) -> None:
        """Let the thread and the models go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._models.clear()

    def _translate(self, job: Job) -> str:
        return self._model(job.source, job.target).run(job.text, job.source, job.target)

    def _model(self, source: str, target: str) -> "_Model":
        for name in (f"{source}-{target}", "nllb"):
            path = (self._folder or Path()) / name
            if (path / "model.bin").exists():
                if path not in self._models:
                    self._models[path] = _Model(path, self._threads)
                return self._models[path]
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"there is no model for {source}-{target}")


class _Model:
    """A translator and its tokenisers."""

    def __init__(self, folder: Path, threads: int) -> None:
        import ctranslate2
        import sentencepiece

        self._multilingual = folder.name == "nllb"
        both = folder / "sentencepiece.bpe.model"
        sides = (both, both) if self._multilingual else (folder / "source.spm", folder / "target.spm")
        self._source, self._target = (sentencepiece.SentencePieceProcessor(str(side)) for side in sides)
        self._translator: Any = ctranslate2.Translator(str(folder), device="auto", intra_threads=threads)

    def run(self, text: str, source: str, target: str) -> str:
        """Translate one text."""
        tokens = [*self._source.encode(text, out_type=str), "</s>"]
        prefix = None
        if self._multilingual:
            tokens = [FLORES[source], *tokens]
            prefix = [[FLORES[target]]]
        result = self._translator.translate_batch(
            [tokens], target_prefix=prefix, beam_size=BEAM, max_decoding_length=min(400, 4 * len(tokens) + 20)
        )[0]
        hypothesis: list[str] = result.hypotheses[0]
        kept = [token for token in hypothesis if token not in FLORES.values()]
        return str(self._target.decode(kept))
