"""A small pool of processes that translate sentences.

One that hangs or dies is replaced, and its sentence tried once more in another.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.logging import get
from dragoman_translation import metrics
from dragoman_translation.engines.process import Message, Process

log = get(__name__)
ENGINE = "bergamot"
MOST_WAITING = 256  # sentences a process
SENTENCE_S = 15.0  # for the longest and oddest sentence on a busy machine
LOAD_S = 30.0  # to start a process, to compare a model's sums and to load it
TRIES = 2
# How many waiting sentences it is worth to go to a process that has the model, or to one that runs at all.
LOAD_WORTH, START_WORTH = 12, 6


class Unusable(Exception):
    """A model cannot be loaded; the message says why."""


@dataclass(eq=False, slots=True)
class _Sentence:
    model: str
    version: str
    text: str
    answer: asyncio.Future[str]
    tries: int = 0


@dataclass(eq=False, slots=True)
class _Worker:
    """A process, what waits for it, and the models that it has (bytes by name)."""

    process: Process
    waiting: asyncio.Queue[_Sentence] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    busy: bool = False
    loaded: dict[str, int] = field(default_factory=dict)
    expected: set[str] = field(default_factory=set)  # models of what waits
    task: asyncio.Task[None] | None = None

    def distance(self, model: str) -> int:
        """How far away an answer is, in sentences."""
        out = self.waiting.qsize() + self.busy
        if self.process.pid is None:
            out += START_WORTH
        return out if model in self.loaded or model in self.expected else out + LOAD_WORTH


class Pool:
    """Sentences go to the process that answers soonest: first in, first out, one at a time.

    A caller that gives up costs nothing but the sentence in hand. Long texts are the caller's to cut: between
    two sentences of one text those of others are answered.
    """

    def __init__(self, make: Callable[[], Process], count: int) -> None:
        self._workers = [_Worker(make()) for _ in range(count)]

    async def translate(self, model: str, version: str, text: str) -> str:
        """The sentence translated; no text = the model is only loaded.

        Raises:
            Unusable: the model cannot be loaded.
            MeshError: `BUSY` when too much waits; `TIMEOUT` or `ENGINE_FAILED` when it failed twice.
            EngineLost: it cost two processes.
        """
        sentence = _Sentence(model, version, text, asyncio.get_running_loop().create_future())
        self._give(sentence, self._workers)
        return await sentence.answer

    async def warm(self, model: str, version: str) -> None:
        """Load a model into every process.

        Raises:
            As `translate`.
        """
        loop = asyncio.get_running_loop()
        sentences = [_Sentence(model, version, "", loop.create_future()) for _ in self._workers]
        for sentence, worker in zip(sentences, self._workers, strict=True):
            self._give(sentence, [worker])
        await asyncio.gather(*(sentence.answer for sentence in sentences))

    async def close(self) -> None:
        """End the processes; what waits fails."""
        tasks = [worker.task for worker in self._workers if worker.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in self._workers:
            await worker.process.close()
            while not worker.waiting.empty():
                _fail(worker.waiting.get_nowait(), MeshError(FaultCode.DRAINING, "translation is stopping"))

    def _give(self, sentence: _Sentence, workers: list[_Worker]) -> None:
        worker = min(workers, key=lambda one: one.distance(sentence.model))
        if worker.waiting.full():
            raise MeshError(FaultCode.BUSY, "too many texts wait for the translator")
        worker.waiting.put_nowait(sentence)
        worker.expected.add(sentence.model)
        if worker.task is None or worker.task.done():
            worker.task = asyncio.create_task(self._work(worker), name="bergamot")

    async def _work(self, worker: _Worker) -> None:
        """Answer what waits; the task ends when nothing does."""
        while not worker.waiting.empty():
            sentence = worker.waiting.get_nowait()
            if sentence.answer.done():  # the caller has given up
                continue
            worker.busy = True
            try:
                await self._one(worker, sentence)
            finally:
                worker.busy = False
        worker.expected.clear()

    async def _one(self, worker: _Worker, sentence: _Sentence) -> None:
        question: Message = {
            "model": sentence.model, "version": sentence.version, "text": sentence.text,
        }  # fmt: skip
        known = worker.process.pid is not None and sentence.model in worker.loaded
        try:
            answer = await worker.process.ask(question, SENTENCE_S if known else LOAD_S + SENTENCE_S)
        except MeshError as exc:
            slow = not known and exc.code is FaultCode.TIMEOUT  # to load: no fault of the sentence
            self._failed(worker, sentence, MeshError(exc.code, exc.message) if slow else exc)
            return
        except asyncio.CancelledError:
            _fail(sentence, MeshError(FaultCode.DRAINING, "translation is stopping"))
            raise
        self._count(worker, answer.get("loaded", {}))
        if "unusable" in answer:
            _fail(sentence, Unusable(answer["unusable"]))
        elif not sentence.answer.done():
            sentence.answer.set_result(str(answer.get("text", "")))

    def _failed(self, worker: _Worker, sentence: _Sentence, exc: MeshError) -> None:
        if worker.process.pid is None:
            log.warning("process of models replaced", code=exc.code)
            metrics.RESTARTS.labels(ENGINE).inc()
            self._count(worker, {})
        sentence.tries += 1
        if sentence.tries >= TRIES or sentence.answer.done():
            _fail(sentence, exc)
            return
        others = [other for other in self._workers if other is not worker] or [worker]
        try:
            self._give(sentence, others)
        except MeshError as busy:
            _fail(sentence, busy)

    def _count(self, worker: _Worker, loaded: dict[str, int]) -> None:
        worker.loaded = loaded
        sizes = [size for one in self._workers for size in one.loaded.values()]
        metrics.LOADED_MODELS.labels(ENGINE).set(len(sizes))
        metrics.LOADED_BYTES.labels(ENGINE).set(sum(sizes))


def _fail(sentence: _Sentence, exc: Exception) -> None:
    if not sentence.answer.done():
        sentence.answer.set_exception(exc)
