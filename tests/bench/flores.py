"""What translations are worth: FLORES-200 dev through the product's own planner and engines, by sacrebleu.

Every direction among the languages of the folder that some chain serves, and beside it the way that it went
by rules alone. The CPU is that of all processes, for sentences one after the other; the quality that of all.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import sacrebleu

from dragoman_cli.load.usage import Usage
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError
from dragoman_translation import engines as engine_names
from dragoman_translation.engines.base import Pair, Translator
from dragoman_translation.settings import TranslationSettings
from dragoman_translation.translate import Translation
from tests.bench.figures import Findings, quantile

HOW = (
    "FLORES_DIR is not set: get the dev split of FLORES-200 (https://github.com/openlanguagedata/flores, "
    "CC BY-SA 4.0) and put it there as dev.en, dev.es … (a sentence a line)"
)
ALONE = 60  # sentences of which the CPU is measured, one after the other
TOGETHER = 8  # of the others at a time
LEARN = 3  # that are not counted: models are loaded


@dataclass(frozen=True, slots=True)
class Score:
    """Of one direction."""

    chain: str
    chrf: float
    bleu: float
    cpu_ms: list[float]
    wall_ms: list[float]


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            continue
        for child in children:
            found += tree(int(child))
    return found


def languages(folder: Path) -> dict[str, list[str]]:
    """The sentences of each language of the folder."""
    return {path.suffix[1:]: path.read_text().splitlines() for path in sorted(folder.glob("dev.*"))}


def opened(names: str) -> dict[str, Translator]:
    """Engines by name, as the service makes them."""
    return engine_names.load(TranslationSettings(engines=names))


async def measure(found: Findings, folder: Path, count: int) -> None:
    """All directions, now and by rules; then what each model takes."""
    texts = {name: lines[:count] for name, lines in languages(folder).items()}
    names = [name for name in TranslationSettings().engines.split(",") if name.strip() != "whisper"]
    rules, now = opened("apertium"), opened(",".join(names))
    pairs = [(source, target) for source in texts for target in texts if source != target]
    for pair in sorted(pairs, key=lambda pair: "en" not in pair):  # those of English first
        await _direction(found, rules, now, pair, texts)
    for engine in (*rules.values(), *now.values()):
        await engine.close()
    await models(found, ",".join(names), list(texts))


async def _direction(
    found: Findings,
    rules: dict[str, Translator],
    now: dict[str, Translator],
    pair: tuple[str, str],
    texts: dict[str, list[str]],
) -> None:
    ways: set[str] = set()
    for told, engines in (("now", now), ("rules", rules)):
        translation = Translation(engines)  # a new one remembers nothing that was said
        chains = translation.chains(*pair)
        if not chains or chains[0].name in ways:
            continue
        ways.add(chains[0].name)
        score = await _score(translation, pair, texts[pair[0]], texts[pair[1]])
        name = f"{pair[0]} → {pair[1]} {told}: {score.chain}"
        print(f"{name:70} chrF {score.chrf:.1f} BLEU {score.bleu:.1f}", flush=True)
        found.add(f"{name}: chrF", "chrF", score.chrf)
        found.add(f"{name}: BLEU", "BLEU", score.bleu)
        for percentile in (50, 95):
            found.add(f"{name}: CPU p{percentile}", "ms a sentence", quantile(score.cpu_ms, percentile))
        found.add(f"{name}: wall p50", "ms a sentence", quantile(score.wall_ms, 50))


async def _score(
    translation: Translation, pair: tuple[str, str], sources: list[str], references: list[str]
) -> Score:
    source, target = pair
    chains: dict[str, int] = {}

    async def one(text: str) -> str:
        said, chain = await translation.translate(transcript(text, source), target)
        chains[chain] = chains.get(chain, 0) + 1
        return said

    alone = min(ALONE, len(sources))
    cpu, wall, out = [], [], []
    for text in sources[:alone]:
        said, cpu_ms, wall_ms = await _cost(one, text)
        out.append(said)
        cpu.append(cpu_ms)
        wall.append(wall_ms)
    out += await _together(one, sources[alone:])
    chrf = sacrebleu.corpus_chrf(out, [references]).score
    bleu = sacrebleu.corpus_bleu(out, [references], tokenize=_tokeniser(target)).score
    return Score(max(chains, key=lambda name: chains[name]), chrf, bleu, cpu[LEARN:], wall[LEARN:])


async def _cost(one: Callable[[str], Awaitable[str]], text: str) -> tuple[str, float, float]:
    """What it costs, without what looking at the processes costs."""
    below = _below_s()
    own, began = time.process_time(), time.perf_counter()
    said = await one(text)
    wall_s, own_s = time.perf_counter() - began, time.process_time() - own
    return said, 1000 * (own_s + _below_s() - below), 1000 * wall_s


async def _together(one: Callable[[str], Awaitable[str]], texts: list[str]) -> list[str]:
    limit = asyncio.Semaphore(TOGETHER)

    async def bounded(text: str) -> str:
        async with limit:
            return await one(text)

    return await asyncio.gather(*(bounded(text) for text in texts))


def transcript(text: str, language: str) -> ev.Transcript:
    """A final of this text."""
    return ev.Transcript(
        session_id="bench",
        track=0,
        epoch=1,
        utterance=1,
        revision=1,
        final=True,
        text=text,
        language=language,
        start_ms=0,
        duration_ms=4500,
        work=ev.WorkOrder(),
    )


async def models(found: Findings, names: str, known: list[str]) -> None:
    """Of each pair that is installed among the languages: time to load, memory of its processes."""
    for name in names.split(","):
        for source, target in _pairs(opened(name.strip())[name.strip()], known):
            engine = opened(name.strip())[name.strip()]
            engine.pairs()
            began = time.perf_counter()
            try:
                await engine.warm([Pair(source, target)])
            except DragomanError as exc:
                print(f"{name} {source}-{target} is not loaded: {exc.code}")
                continue
            took = 1000 * (time.perf_counter() - began)
            below = [pid for pid in tree(os.getpid()) if pid != os.getpid()]
            memory = sum(Usage.of(pid).own_bytes for pid in below)
            await engine.close()
            found.add(f"{name.strip()}:{source}-{target}: from nothing until loaded", "ms", took)
            found.add(f"{name.strip()}:{source}-{target}: memory of its processes", "MB", memory / 1e6)


def _pairs(engine: Translator, known: list[str]) -> list[tuple[str, str]]:
    pairs = [(pair.source, pair.target) for pair in engine.pairs()]
    return [pair for pair in pairs if set(pair) <= set(known)][:12]


def _below_s() -> float:
    """CPU of the processes below this one."""
    return sum(Usage.of(pid).cpu_s for pid in tree(os.getpid())[1:])


def _tokeniser(target: str) -> str:
    return {"zh": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}.get(target, "13a")
