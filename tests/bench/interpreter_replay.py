"""What listeners see of recorded interims, on a clock that takes no time: policies beside each other.

The recogniser's interims are those of one run in this process; each is translated by the real engines, goes
through the edge's own decisions (which are translated, what is concluded, what is shown), and takes
`ANSWER_S` from the edge and back. So a policy's figures are the same in every run.
"""

import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.model.stability import StabilityFilter
from dragoman_edge.session.conclusions import Conclusions
from dragoman_edge.session.tentative import Pace
from dragoman_edge.settings import EdgeSettings
from dragoman_models.settings import ModelsSettings
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.bergamot import Bergamot
from dragoman_translation.tentative import translation_of
from dragoman_translation.translate import Translation
from tests.bench.interpreter_figures import Shown

ANSWER_S = 0.05
MEMORY = 400 << 20
Translate = Callable[[ev.Transcript], Awaitable[str]]
Timed = tuple[float, ev.Transcript]


@asynccontextmanager
async def engines() -> AsyncIterator[Translation]:
    """Those that need no hub."""
    bergamot, apertium = Bergamot(ModelsSettings().folder, 1, MEMORY), Apertium()
    try:
        yield Translation({"bergamot": bergamot, "apertium": apertium})
    finally:
        await bergamot.close()
        await apertium.close()


async def offline(text: str, source: str, target: str) -> str:
    """A text as a whole, by the engines of the mesh."""
    async with engines() as translation:
        return (await translation.translate(transcript_of(text, source), target))[0]


def transcript_of(text: str, language: str) -> ev.Transcript:
    """Return the transcript of a text as a whole."""
    return ev.Transcript(
        session_id="bench", track=0, epoch=1, utterance=1, revision=1, final=True, text=text,
        language=language, start_ms=0, duration_ms=0,
    )  # fmt: skip


class Replay:
    """One track in one language."""

    def __init__(self, target: str, translate: Translate, settings: EdgeSettings) -> None:
        self.asked = 0
        self.shown: dict[Stability, dict[int, Shown]] = {stability: {} for stability in Stability}
        self._filters = {stability: StabilityFilter(stability) for stability in Stability}
        self._target = target
        self._translate = translate
        self._pace = Pace(settings.tentative_words, settings.tentative_ms / 1000)
        self._conclusions = Conclusions(settings.tentative_mask, settings.tentative_beyond)
        self._answers: deque[tuple[float, ev.Translation]] = deque()

    async def play(self, transcripts: Sequence[Timed]) -> None:
        """All of them, at their times in seconds of the audio."""
        for at, transcript in transcripts:
            await self._until(at)
            self._pace.heard(transcript)
            if transcript.final:
                self._answers.clear()
                self._show(at + ANSWER_S, await self._of(transcript), 1.0)
            await self._ask(at)

    async def _until(self, at: float) -> None:
        while self._answers and self._answers[0][0] <= at:
            when, answer = self._answers.popleft()
            self._show(when, answer, self._pace.answered(answer))
            await self._ask(when)

    async def _ask(self, at: float) -> None:
        interim = self._pace.next(lambda _: (self._target,), at)
        if interim is not None:
            self.asked += 1
            self._answers.append((at + ANSWER_S, await self._of(interim)))

    async def _of(self, transcript: ev.Transcript) -> ev.Translation:
        return translation_of(transcript, self._target, await self._translate(transcript), "")

    def _show(self, at: float, event: ev.Translation, certain: float) -> None:
        released = self._conclusions.take(event, certain, self._pace.confidence)
        for stability, taken in itertools.product(Stability, [released] if released else []):
            seen = self._filters[stability].take(taken)
            if seen is not None:
                one = self.shown[stability].setdefault(seen.utterance, Shown(seen.utterance))
                one.updates.append((at, seen.text))
                one.source = seen.source_text
