"""Tentative translations of interims: the newest of each track, and none while finals need the engines.

An interim is noted while it is in hand: of an utterance that has cost a worker or an engine, no later
interim is translated by any worker, and its final has one try left (`BegunWork`).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from dragoman_contract import codec, subjects, texts
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError
from dragoman_kit.begun_work import BegunWork
from dragoman_kit.bus import Bus
from dragoman_kit.engine_process import EngineLost
from dragoman_kit.order_texts import StoredTexts
from dragoman_kit.tasks import end
from dragoman_translation import metrics
from dragoman_translation.translate import Translation

MOST_WAITING = 512  # tracks; more are dropped
STALE_S = 1.0  # an interim that waited so long has been superseded, or is not worth it
Track = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Waiting:
    interim: ev.Transcript
    since: float


class TentativeWork:
    """Interims that wait, those that are being translated, and what becomes of them.

    Args:
        texts: of work orders that name them.
        busy: whether finals need the engines.
        at_once: interims translated at the same time; 0 = none is.
    """

    def __init__(
        self,
        bus: Bus,
        translation: Translation,
        texts: StoredTexts,
        busy: Callable[[], bool],
        at_once: int,
    ) -> None:
        self._bus = bus
        self._begun = BegunWork(bus)
        self._texts = texts
        self._translation = translation
        self._busy = busy
        self._at_once = at_once
        self._waiting: OrderedDict[Track, _Waiting] = OrderedDict()
        self._finals: OrderedDict[Track, int] = OrderedDict()  # the last utterance whose final was seen
        self._wake = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Take interims until the block is left."""
        if not self._at_once:
            yield
            return
        subscription = await self._bus.nc.subscribe(
            subjects.TENTATIVE, queue="translation", cb=self._on_message
        )
        tasks = [asyncio.create_task(self._work(), name=f"tentative-{n}") for n in range(self._at_once)]
        try:
            yield
        finally:
            await subscription.drain()  # type: ignore[no-untyped-call]
            await end(*tasks)

    def overtaken(self, final: ev.Transcript) -> None:
        """A final is there: interims of its utterance, and those before, are not worth translating."""
        track = (final.session_id, final.track)
        self._finals[track] = max(final.utterance, self._finals.pop(track, 0))
        if len(self._finals) > MOST_WAITING:
            self._finals.popitem(last=False)

    async def _on_message(self, msg: Msg) -> None:
        try:
            interim = codec.decode_event(msg.data)
        except DragomanError:
            return
        if isinstance(interim, ev.Transcript) and not interim.final:
            self.take(texts.cleaned(interim))

    def take(self, interim: ev.Transcript) -> None:
        """An interim; it takes the place of the one before, and its place in the line."""
        track = (interim.session_id, interim.track)
        known = self._waiting.get(track)
        if known is not None and _age(known.interim) >= _age(interim):
            _dropped("overtaken")
            return
        if known is not None:
            _dropped("overtaken")
        elif len(self._waiting) >= MOST_WAITING:
            _dropped("busy")
            return
        self._waiting[track] = _Waiting(interim, time.monotonic())
        self._wake.set()

    async def _work(self) -> None:
        while True:
            while (interim := self._next()) is not None:
                await self._try(interim)
            self._wake.clear()
            await self._wake.wait()

    def _next(self) -> ev.Transcript | None:
        """The one that came first of those that are worth translating."""
        while self._waiting:
            _, waiting = self._waiting.popitem(last=False)
            if self._busy():
                _dropped("busy")
            elif time.monotonic() - waiting.since > STALE_S:
                _dropped("stale")
            elif self._over(waiting.interim):
                _dropped("overtaken")
            else:
                return waiting.interim
        return None

    def _over(self, interim: ev.Transcript) -> bool:
        track = (interim.session_id, interim.track)
        newer = self._waiting.get(track)
        return self._finals.get(track, 0) >= interim.utterance or newer is not None

    async def _try(self, interim: ev.Transcript) -> None:
        note = subjects.begun_tentative(interim.session_id, interim.track, interim.utterance)
        if await self._begun.noted(note):
            _dropped("suspect")
            return
        try:
            async with self._begun.noting(note):
                await self._translate(interim)
        except EngineLost:
            _dropped("failed")

    async def _translate(self, interim: ev.Transcript) -> None:
        for target in interim.work.target_languages:
            if self._over(interim) or self._busy():
                _dropped("overtaken" if self._over(interim) else "busy")
                return
            try:
                whole = await self._texts.whole(interim)
                text, engine = await self._translation.translate(whole, target)
                await self._bus.publish_event(translation_of(interim, target, text, engine))
            except EngineLost:
                raise
            except (DragomanError, NatsError):
                _dropped("failed")
            else:
                metrics.TENTATIVE.labels("done").inc()


def translation_of(said: ev.Transcript, target: str, text: str, engine: str) -> ev.Translation:
    """Return the translation event of a transcript, interim or final, without a work order."""
    return ev.Translation(
        session_id=said.session_id,
        track=said.track,
        epoch=said.epoch,
        utterance=said.utterance,
        revision=said.revision,
        final=said.final,
        language=target,
        text=text,
        source_language=said.language,
        source_text=said.text,
        start_ms=said.start_ms,
        duration_ms=said.duration_ms,
        engine=engine,
    )


def _age(interim: ev.Transcript) -> tuple[int, int, int]:
    return interim.epoch, interim.utterance, interim.revision


def _dropped(why: str) -> None:
    metrics.TENTATIVE.labels(why).inc()
