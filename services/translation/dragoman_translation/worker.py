"""Final transcripts in, one final translation for each wanted language out, once each."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from nats.aio.msg import Msg

from dragoman_contract import events as ev
from dragoman_contract import rpc, subjects
from dragoman_contract.errors import PeerError
from dragoman_kit import streams, telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.event_worker import EventWorker
from dragoman_kit.order_texts import StoredTexts
from dragoman_kit.work import waited
from dragoman_translation.tentative import TentativeWork, translation_of
from dragoman_translation.translate import Translation

PAGE = 2000  # pairs of one answer: with long chains a third of what a message of the bus may hold


class TranslationWorker(EventWorker[ev.Transcript]):
    """Translates final transcripts into the languages of their work order."""

    service = "translation"
    live = streams.TRANSLATION
    texts = streams.TRANSLATION_TEXTS
    stage = ev.Stage.TRANSLATION
    product = "translation"
    takes = ev.Transcript

    def __init__(
        self,
        bus: Bus,
        translation: Translation,
        concurrency: int,
        build: str,
        obtainable: tuple[rpc.ObtainablePair, ...] = (),
        want: Callable[[str, str], None] | None = None,
        tentative: int = 0,
    ) -> None:
        """`want` is told each pair that is translated; `tentative` interims are translated at a time."""
        super().__init__(bus, concurrency)
        self._in_hand = 0
        self._texts = StoredTexts(bus)
        self._tentative = TentativeWork(bus, translation, self._texts, self._busy, tentative)
        self._most = max(1, concurrency // 2)
        self._translation = translation
        self._build = build
        self._obtainable = obtainable
        self._want = want

    def languages(self, event: ev.Transcript) -> tuple[str, ...]:
        """Those that the work order wants."""
        return event.work.target_languages

    def begun_before(self, event: ev.Transcript) -> str:
        """Interims of the same utterance, which are not delivered again."""
        return subjects.begun_tentative(event.session_id, event.track, event.utterance)

    def capabilities(self, page: int = 0) -> rpc.CapabilitiesReply:
        """The pairs that are served now, chains included, a page of them."""
        pairs = self._translation.pairs()
        return rpc.CapabilitiesReply(
            pairs=pairs[page * PAGE : (page + 1) * PAGE],
            build=self._build,
            obtainable=self._obtainable,
            pages=-(-len(pairs) // PAGE),
        )

    @asynccontextmanager
    async def announced(self) -> AsyncIterator[None]:
        """Answer requests and translate interims until the block is left."""
        async with super().announced(), self._tentative.listening():
            yield

    def _busy(self) -> bool:
        """Whether interims have to wait for finals."""
        return self._in_hand >= self._most

    async def process(self, transcript: ev.Transcript, msg: Msg) -> None:
        """Publish a translation, or a failure, for each language."""
        self._tentative.overtaken(transcript)
        self._in_hand += 1
        try:
            with telemetry.span("translation", msg.headers or {}, about=waited(msg)):
                transcript = await self._texts.whole(transcript)
                for target in transcript.work.target_languages:
                    await self._one(transcript, target)
        finally:
            self._in_hand -= 1

    async def _one(self, transcript: ev.Transcript, target: str) -> None:
        if self._want is not None:
            self._want(transcript.language, target)
        try:
            with telemetry.span("translation.engine", language=target) as span:
                text, engine = await self._translation.translate(transcript, target)
                span.set_attribute("engine", engine)
        except PeerError as exc:
            await self.fail(transcript, target, exc.code, exc.message)
            return
        await self._bus.store_event(_translation(transcript, target, text, engine))


def _translation(said: ev.Transcript, target: str, text: str, engine: str) -> ev.Translation:
    work = replace(said.work, dictionary=(), context="", labels=(), texts="")  # speech needs none of it
    return replace(translation_of(said, target, text, engine), work=work)
