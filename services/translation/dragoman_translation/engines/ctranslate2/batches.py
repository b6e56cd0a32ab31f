"""Sentences of several sessions in one batch, and nobody waits for another's long text.

Texts take turns: each gives a sentence, then the next one does. A batch that fails is taken apart, so that
only the text that broke it fails.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic

from dragoman_contract.errors import FaultCode, MeshError

COLLECT_S = 0.004  # for others to come
MOST_SENTENCES = 16
MOST_CHARACTERS = 3000
MOST_TEXTS = 256  # that wait; more are refused
AIM_S = 1.0  # for a batch of a slow model: who comes next waits no longer
FIRST_CHARACTERS = 400  # of the first batch, when nothing is known of the model


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence for a model: what stands in `about` is the model's affair."""

    text: str
    about: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Text:
    model: Hashable
    waiting: deque[tuple[int, Item]]
    found: list[str | None]
    done: asyncio.Future[None]
    alone: bool = False

    @property
    def gone(self) -> bool:
        return self.done.done()


# Translates the sentences of one batch; None = this one failed, the others did not.
Run = Callable[[Hashable, list[Item]], Awaitable[list[str | None]]]


@dataclass(slots=True)
class _Pace:
    """How fast the models are."""

    seconds: dict[Hashable, float] = field(default_factory=dict)  # a character

    def most(self, model: Hashable) -> float:
        """Characters of a batch."""
        if model not in self.seconds:
            return FIRST_CHARACTERS
        return min(MOST_CHARACTERS, AIM_S / max(self.seconds[model], 1e-9))

    def learn(self, model: Hashable, characters: int, seconds: float) -> None:
        now = seconds / max(characters, 1)
        self.seconds[model] = 0.5 * (now + self.seconds.get(model, now))


class Batches:
    """All texts that wait for the models of one process."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._texts: deque[_Text] = deque()
        self._come = asyncio.Event()
        self._pace = _Pace()
        self._task: asyncio.Task[None] | None = None

    async def translate(self, model: Hashable, items: list[Item]) -> list[str]:
        """The translation of each sentence of one text.

        Raises:
            MeshError: `BUSY`, `ENGINE_FAILED` or `TIMEOUT`.
        """
        if not items:
            return []
        if len(self._texts) >= MOST_TEXTS:
            raise MeshError(FaultCode.BUSY, "too many texts wait for the translator")
        done = asyncio.get_running_loop().create_future()
        text = _Text(model, deque(enumerate(items)), [None] * len(items), done)
        self._texts.append(text)
        self._come.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on(), name="ctranslate2-batches")
        await done  # cancelled with its text, which then gives no more sentences
        return [said for said in text.found if said is not None]

    async def close(self) -> None:
        """Whoever waits is told."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for text in self._texts:
            _fail(text, MeshError(FaultCode.DRAINING, "the translator is stopping"))

    async def _go_on(self) -> None:
        while True:
            if not self._texts:
                self._come.clear()
                await self._come.wait()
                await asyncio.sleep(COLLECT_S)
            taken = self._gather()
            if taken:
                await self._one(taken)

    def _gather(self) -> list[tuple[_Text, int, Item]]:
        """One batch: of the first text's model, a sentence of each text in turn."""
        self._texts = deque(text for text in self._texts if not text.gone and text.waiting)
        if not self._texts:
            return []
        first = self._texts[0]
        own = [first] if first.alone else [t for t in self._texts if t.model == first.model and not t.alone]
        taken: list[tuple[_Text, int, Item]] = []
        most = self._pace.most(first.model)
        size = 0
        while own and len(taken) < MOST_SENTENCES:
            text = own.pop(0)
            place, item = text.waiting[0]
            size += len(item.text)
            if taken and size > most:
                break
            text.waiting.popleft()
            taken.append((text, place, item))
            own += [text] if text.waiting else []
        self._texts.remove(first)  # the next batch begins with another
        self._texts.append(first)
        return taken

    async def _one(self, taken: list[tuple[_Text, int, Item]]) -> None:
        model = taken[0][0].model
        started = monotonic()
        try:
            texts = await self._run(model, [item for _, _, item in taken])
        except MeshError as exc:
            self._apart(taken, exc)
            return
        self._pace.learn(model, sum(len(item.text) for _, _, item in taken), monotonic() - started)
        for (text, place, _), said in zip(taken, texts, strict=True):
            if said is None:
                _fail(
                    text, MeshError(FaultCode.ENGINE_FAILED, "a sentence could not be translated completely")
                )
            else:
                text.found[place] = said
                _finish(text)

    def _apart(self, taken: list[tuple[_Text, int, Item]], exc: MeshError) -> None:
        """Alone, each text shows whether it was to blame."""
        texts = list(dict.fromkeys(text for text, _, _ in taken))
        for text, place, item in reversed(taken):
            text.waiting.appendleft((place, item))
        for text in texts:
            if text.alone or len(texts) == 1:
                _fail(text, exc)
            text.alone = True


def _fail(text: _Text, exc: MeshError) -> None:
    if not text.done.done():
        text.done.set_exception(exc)


def _finish(text: _Text) -> None:
    if None not in text.found and not text.done.done():
        text.done.set_result(None)
