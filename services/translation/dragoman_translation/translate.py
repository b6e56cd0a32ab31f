"""From a transcript to its text in one language: the chain of engines, the glossary, the cache."""

from collections import OrderedDict

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.events import Transcript
from dragoman_contract.languages import key as language_of
from dragoman_contract.languages import same_language
from dragoman_contract.rpc import LanguagePair
from dragoman_kit.logging import get
from dragoman_translation.engines.base import Job, Pair, Translator
from dragoman_translation.glossary import Glossary, names_in
from dragoman_translation.graph import Step, chains, reachable

log = get(__name__)
CACHED = 4096  # texts
CACHED_LENGTH = 200  # characters; longer texts are seldom said twice


class Translation:
    """All engines of this process as one."""

    def __init__(self, engines: dict[str, Translator]) -> None:
        self._engines = engines
        self._pairs: dict[str, list[Pair]] = {name: engine.pairs() for name, engine in engines.items()}
        self._cache: OrderedDict[tuple[Step, str], str] = OrderedDict()

    def pairs(self) -> list[LanguagePair]:
        """Every pair that some chain serves, and whether it wants the recogniser's English."""
        out = []
        for source, target in reachable(self._pairs):
            best = chains(self._pairs, source, target, most=1)[0]
            english = any(step.engine == "whisper" for step in best)
            out.append(LanguagePair(source=source, target=target, english=english))
        return out

    async def translate(self, transcript: Transcript, target: str) -> tuple[str, str]:
        """The text in `target`, and by which engines.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`.
            MeshError: every chain failed.
        """
        if not transcript.text or same_language(target, transcript.language):
            return transcript.text, "none"
        work = transcript.work
        glossary = Glossary(work.dictionary, (), names_in(work.context))
        failure: DragomanError | None = None
        for steps in self._ways(transcript, target, glossary):
            try:
                return await self._run(steps, transcript, target, glossary), _name(steps)
            except MeshError as exc:
                log.warning("chain failed", chain=_name(steps), code=exc.code)
                failure = exc
        message = f"no way from {transcript.language} to {target}"
        raise failure or PeerError(FaultCode.UNSUPPORTED_LANGUAGE, message)

    def _ways(self, transcript: Transcript, target: str, glossary: Glossary) -> list[list[Step]]:
        """Chains in the order in which they are tried; the wanted engine's first."""
        usable = {
            name: pairs for name, pairs in self._pairs.items() if self._usable(name, transcript, glossary)
        }
        wanted = transcript.work.translation.engine
        ways = chains(usable, transcript.language, target)
        return sorted(ways, key=lambda steps: not any(step.engine == wanted for step in steps))

    def _usable(self, name: str, transcript: Transcript, glossary: Glossary) -> bool:
        """The recogniser's English knows nothing of the user's terms."""
        return name != "whisper" or (bool(transcript.alternatives) and not glossary.found_in(transcript.text))

    async def _run(self, steps: list[Step], transcript: Transcript, target: str, glossary: Glossary) -> str:
        protected = glossary.protect(transcript.text)
        text = protected.restore(await self._chain(steps, protected.text, transcript, target))
        if text is not None:
            return text
        pieces = []
        for piece, as_is in glossary.pieces(transcript.text):
            words = piece.strip()
            if not words:
                continue
            plain = as_is or not any(map(str.isalnum, words))
            pieces.append(words if plain else await self._chain(steps, words, transcript, target))
        return " ".join(pieces)

    async def _chain(self, steps: list[Step], text: str, transcript: Transcript, target: str) -> str:
        for step in steps:
            text = await self._step(step, text, transcript, target)
        return text

    async def _step(self, step: Step, text: str, transcript: Transcript, target: str) -> str:
        key = (step, text)
        work = transcript.work
        plain = not (work.context or work.labels or work.translation.settings)  # nothing but the text decides
        cacheable = plain and step.engine != "whisper" and len(text) <= CACHED_LENGTH
        if cacheable and key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        labels = {language_of(item.language): item.text for item in work.labels}
        job = Job(
            text=text,
            source=step.source,
            target=step.target,
            alternatives=transcript.alternatives,
            context=work.context,
            label=labels.get(language_of(target), ""),
            source_label=labels.get(language_of(transcript.language), labels.get("", "")),
            settings=work.translation.settings,
        )
        translated = await self._engines[step.engine].translate(job)
        if cacheable:
            self._cache[key] = translated
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return translated


def _name(steps: list[Step]) -> str:
    return "+".join(f"{step.engine}:{step.source}-{step.target}" for step in steps)
