"""From a transcript to its text in one language: the chain of engines, the wording around it, the cache."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.events import Transcript
from dragoman_contract.languages import key as language_of
from dragoman_contract.languages import same_language
from dragoman_contract.rpc import LanguagePair
from dragoman_kit.logging import get
from dragoman_translation import metrics
from dragoman_translation.continuation import begun, continued
from dragoman_translation.engines.base import HostedTranslator, Job, Pair, Translator
from dragoman_translation.glossary import Glossary, glossary_of
from dragoman_translation.planner import Chain, Planner, Step
from dragoman_translation.wording import Wording

log = get(__name__)
CACHED = 4096  # texts
CACHED_LENGTH = 200  # characters; longer texts are seldom said twice
SMALL_DICTIONARY = 30  # terms
UNTOLD = frozenset({"shown"})  # of what engines heed: no client sends it
RECOGNISER = "whisper"  # the engine that only hands on what came with the transcript


class Translation:
    """All engines of this process as one.

    Args:
        engines: by name, in order of preference.
        within_ms: chains that take longer for a sentence come last.
    """

    def __init__(self, engines: dict[str, Translator], within_ms: float = float("inf")) -> None:
        self._engines = engines
        self._within_ms = within_ms
        self._pairs: dict[str, list[Pair]] = {name: engine.pairs() for name, engine in engines.items()}
        hosted = {name: engine for name, engine in engines.items() if isinstance(engine, HostedTranslator)}
        self._hosted = frozenset(hosted)
        self._reserved = frozenset(name for name, engine in hosted.items() if engine.only_named)
        self._planner, self._full = self._planners(self._pairs)
        self._told: tuple[LanguagePair, ...] | None = None
        self._cache: OrderedDict[tuple[Step, str, bytes], str] = OrderedDict()

    async def refresh(self) -> bool:
        """Ask the engines again for their pairs, which come and go with models; whether any changed."""
        names = list(self._engines)
        asked = (asyncio.to_thread(self._engines[name].pairs) for name in names)
        pairs = dict(zip(names, await asyncio.gather(*asked), strict=True))
        if pairs == self._pairs:
            return False
        planner, full = await asyncio.to_thread(self._planners, pairs)
        self._told = await asyncio.to_thread(self._tell, planner)
        self._pairs, self._planner, self._full = pairs, planner, full
        self._cache.clear()
        return True

    def _planners(self, pairs: dict[str, list[Pair]]) -> tuple[Planner, Planner]:
        """Over what everybody may have, and over all, for those who name an engine that is kept for them."""
        common = {name: known for name, known in pairs.items() if name not in self._reserved}
        planner = Planner(common, self._within_ms)
        return planner, (Planner(pairs, self._within_ms) if self._reserved else planner)

    async def warm(self, wanted: list[tuple[str, str]]) -> None:
        """Load what the best chains of these pairs need."""
        steps = {step for pair in wanted for chain in self._planner.chains(*pair)[:1] for step in chain.steps}
        for name, engine in self._engines.items():
            mine = sorted((step.source, step.target) for step in steps if step.engine == name)
            if mine:
                await engine.warm([Pair(*pair) for pair in mine])

    def pairs(self) -> tuple[LanguagePair, ...]:
        """Every pair that some chain serves, with its best chain."""
        if self._told is None:
            self._told = self._tell(self._planner)
        return self._told

    def chains(self, source: str, target: str) -> list[Chain]:
        """The chains for a pair, the best first."""
        return self._planner.chains(source, target)

    async def translate(self, transcript: Transcript, target: str) -> tuple[str, str]:
        """The text in `target`, and by which engines.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`; `TOO_LARGE`, when the dictionary makes too much of the text.
            MeshError: every chain failed.
        """
        if not transcript.text or same_language(target, transcript.language):
            return transcript.text, "none"
        glossary = await _glossary(transcript, transcript.language)
        failure: DragomanError | None = None
        failed: set[Step] = set()
        for chain in self._ways(transcript, target, glossary, failed):
            try:
                return await self._run(chain, transcript, target, glossary), chain.name
            except StepError as exc:
                failed.add(exc.step)
                metrics.CHAINS_FAILED.labels(exc.step.engine).inc()
                log.warning("chain failed", chain=chain.name, step=exc.step.engine, code=exc.reason.code)
                failure = failure if isinstance(failure, MeshError) else exc.reason
        message = f"no way from {transcript.language} to {target}"
        raise failure or PeerError(FaultCode.UNSUPPORTED_LANGUAGE, message)

    def _tell(self, planner: Planner) -> tuple[LanguagePair, ...]:
        return tuple(
            LanguagePair(
                source=source,
                target=target,
                english=chain.uses(RECOGNISER),
                chain=chain.name,
                quality=chain.quality,
                heeds=tuple(sorted(self._engines[chain.steps[-1].engine].heeds - UNTOLD)),
            )
            for source, target, chain in planner.reachable()
        )

    def _ways(
        self, transcript: Transcript, target: str, glossary: Glossary, failed: Set[Step]
    ) -> Iterator[Chain]:
        """Chains in the order in which they are tried; the wanted engine's first.

        What has failed in the meantime is in no later chain. An interim has none where a hosted engine would
        be first: it is paid for every text, and another engine's words would not be those of the final.
        """
        wanted = transcript.work.translation.engine
        without = self._reserved - {wanted}
        if not self._recogniser_usable(transcript, glossary):
            without |= {RECOGNISER}
        while True:
            down = {step.engine for step in failed} & self._hosted
            ways = self._planned(transcript.language, target, wanted, without | down)
            way = next((chain for chain in ways if failed.isdisjoint(chain.steps)), None)
            if way is None or not (transcript.final or self._hosted.isdisjoint(s.engine for s in way.steps)):
                return
            yield way

    def _planned(self, source: str, target: str, wanted: str, without: frozenset[str]) -> list[Chain]:
        planner = self._full if wanted in self._reserved else self._planner
        ways = planner.chains(source, target, without)
        if wanted and not any(chain.uses(wanted) for chain in ways):
            others = frozenset(self._engines) - {wanted} | without
            ways = [*planner.chains(source, target, others), *ways]
        return sorted(ways, key=lambda chain: not chain.uses(wanted))

    def _recogniser_usable(self, transcript: Transcript, glossary: Glossary) -> bool:
        """The recogniser's English knows nothing of the user's terms."""
        return bool(transcript.alternatives) and not glossary.found_in(transcript.text)

    async def _run(self, chain: Chain, transcript: Transcript, target: str, glossary: Glossary) -> str:
        """Words cannot be hidden in the recogniser's English; what is made of it is worded as English."""
        text, language, steps = transcript.text, transcript.language, chain.steps
        if steps[0].engine == RECOGNISER:
            text, language, steps = await self._chain(steps[:1], text, transcript, target), "en", steps[1:]
            glossary = await _glossary(transcript, language)
        if not steps:
            return text
        work = transcript.work
        wording = Wording(language, target, glossary, phrases=not (work.labels or work.translation.settings))
        before = begun(transcript.preceding, text, language) if self._forgets(chain) else ""
        about = replace(transcript, shown=()) if before else transcript  # that is of the second part only

        async def said(words: str) -> str:
            return await wording.translate(words, lambda part: self._chain(steps, part, about, target))

        if not before:
            return await said(text)
        return await continued(said, before, text, language, target)

    def _forgets(self, chain: Chain) -> bool:
        """Whether the engines neither use what was said before nor are paid for each text."""
        names = {step.engine for step in chain.steps}
        knowing = {name for name in names if "preceding" in self._engines[name].heeds}
        return not (knowing or names & self._hosted or RECOGNISER in names)

    async def _chain(self, steps: Sequence[Step], text: str, transcript: Transcript, target: str) -> str:
        for step in steps:
            try:
                text = await self._step(step, text, transcript, target)
            except DragomanError as exc:
                raise StepError(step, exc) from exc
        return text

    async def _step(self, step: Step, text: str, transcript: Transcript, target: str) -> str:
        engine = self._engines[step.engine]
        job = _job(step, text, transcript, target)
        cached = (step, text, _deciding(job, engine.heeds))
        cacheable = step.engine != RECOGNISER and len(text) <= CACHED_LENGTH
        if cacheable and cached in self._cache:
            self._cache.move_to_end(cached)
            return self._cache[cached]
        with metrics.TEXT_SECONDS.labels(step.engine).time():
            translated = await engine.translate(job)
        if cacheable:
            self._cache[cached] = translated
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return translated


async def _glossary(transcript: Transcript, language: str) -> Glossary:
    """Of the work order, for a text in that language; a large one is made off the loop."""
    dictionary, context = transcript.work.dictionary, transcript.work.context
    if len(dictionary) <= SMALL_DICTIONARY:
        return glossary_of(dictionary, context, language)
    return await asyncio.to_thread(glossary_of, dictionary, context, language)


class StepError(Exception):
    """A step of a chain failed, and so did the chain."""

    def __init__(self, step: Step, reason: DragomanError) -> None:
        super().__init__(step.engine)
        self.step = step
        self.reason = reason


def _job(step: Step, text: str, transcript: Transcript, target: str) -> Job:
    work = transcript.work
    labels = {language_of(item.language): item.text for item in work.labels}
    return Job(
        text=text,
        source=step.source,
        target=step.target,
        alternatives=transcript.alternatives,
        context=work.context,
        label=labels.get(language_of(target), ""),
        source_label=labels.get(language_of(transcript.language), labels.get("", "")),
        settings=work.translation.settings,
        dictionary=work.dictionary,
        preceding=transcript.preceding,
        shown=_shown(transcript, target) if same_language(step.target, target) else "",
        wanted=target if same_language(step.target, target) else "",
    )


def _shown(transcript: Transcript, target: str) -> str:
    return next((one.text for one in transcript.shown if one.language == target), "")


def _deciding(job: Job, heeds: frozenset[str]) -> bytes:
    """A digest of what decides a translation besides the text: what the engine heeds."""
    parts: list[object] = [sorted(job.settings.items()), job.wanted]
    if "label" in heeds:
        parts += [job.label, job.source_label]
    parts += [getattr(job, name) for name in ("context", "dictionary", "preceding", "shown") if name in heeds]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
