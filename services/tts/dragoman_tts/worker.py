"""Final translations in, speech chunks out; a repeat of the work publishes the same chunks."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from nats.aio.msg import Msg

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, PeerError
from dragoman_contract.events import VoiceChoice
from dragoman_kit import streams, telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.event_worker import EventWorker
from dragoman_kit.logging import get
from dragoman_kit.work import waited
from dragoman_tts.engines.base import HostedSynthesiser, Synthesiser, Voice
from dragoman_tts.pace import Paces
from dragoman_tts.speech import Chunk, speak
from dragoman_tts.voices import pick

log = get(__name__)
TOGETHER_S = 0.01  # a fast engine's chunks cost less to make than to hand over one by one
OUTSTANDING = 16  # chunks of an utterance that may wait for the stream at once


class TtsWorker(EventWorker[ev.Translation]):
    """Speaks final translations. `engines` are in order of preference."""

    service = "tts"
    live = streams.TTS
    texts = streams.TTS_TEXTS
    stage = ev.Stage.TTS
    product = "speech"
    takes = ev.Translation

    def __init__(
        self, bus: Bus, engines: list[Synthesiser], concurrency: int, chunk_ms: int, build: str
    ) -> None:
        super().__init__(bus, concurrency)
        self._engines = {engine.name: engine for engine in engines}
        self._voices = [voice for engine in engines for voice in engine.voices()]
        hosted = [engine for engine in engines if isinstance(engine, HostedSynthesiser)]
        self._reserved = frozenset(engine.name for engine in hosted if engine.only_named)
        self._chunk_ms = chunk_ms
        self._paces = Paces()
        self._build = build

    def languages(self, event: ev.Translation) -> tuple[str, ...]:
        """The one that is spoken."""
        return (event.language,)

    def capabilities(self, page: int = 0) -> rpc.CapabilitiesReply:
        """The voices that everybody may have, on one page."""
        voices = tuple(
            rpc.VoiceInfo(id=v.id, language=v.language, gender=v.gender, engine=v.engine)
            for v in self._allowed("")
        )
        return rpc.CapabilitiesReply(voices=voices, build=self._build)

    @asynccontextmanager
    async def announced(self) -> AsyncIterator[None]:
        """Answer requests and take hints how fast to speak until the block is left."""
        async with super().announced(), self._paces.listening(self._bus):
            yield

    def _allowed(self, named: str) -> list[Voice]:
        """All voices but those of engines that are used only where they are named."""
        return [v for v in self._voices if v.engine == named or v.engine not in self._reserved]

    async def process(self, translation: ev.Translation, msg: Msg) -> None:
        """Publish the speech of a translation, in chunks as they are made."""
        if not translation.work.speech:
            return
        with telemetry.span("tts", msg.headers or {}, language=translation.language, about=waited(msg)):
            try:
                chunks = await self._begun(translation, again=(msg.metadata.num_delivered or 1) > 1)
            except PeerError as exc:
                await self.fail(translation, translation.language, exc.code, exc.message)
                return
            await self._publish(translation, chunks)

    async def _begun(self, translation: ev.Translation, *, again: bool) -> AsyncIterator[Chunk]:
        """Speech of which the first chunk is there, by the next engine where one fails before that.

        Not when the work comes again: chunks of the first try may be out, and must go on in the same voice.
        """
        work, language = translation.work, translation.language
        voices = self._allowed(work.tts.engine)
        voice, wanted = pick(voices, language, work.voices, work.tts)
        manner = self._paces.of(translation)
        speed = (wanted or 1.0) * manner.rate
        while True:
            chunks = self._chunks(translation.text, voice, speed, manner.pause_ms)
            try:
                return _with(await anext(chunks), chunks)
            except DragomanError as exc:
                voices = [other for other in voices if other.engine != voice.engine]
                if again:
                    raise
                log.warning("engine did not speak", engine=voice.engine, code=exc.code)
                try:
                    voice, _ = pick(voices, language, (VoiceChoice(voice=voice.gender),), work.tts)
                except PeerError:
                    raise exc from None

    async def _publish(self, translation: ev.Translation, chunks: AsyncIterator[Chunk]) -> None:
        slots = asyncio.Semaphore(OUTSTANDING)
        async with asyncio.TaskGroup() as group:
            async for chunk in chunks:
                await slots.acquire()
                task = group.create_task(self._bus.store_event(_event(translation, chunk)))
                task.add_done_callback(lambda _: slots.release())

    async def _chunks(self, text: str, voice: Voice, speed: float, pause_ms: int) -> AsyncIterator[Chunk]:
        """Consume the blocking generator in a thread: the first chunk at once, then what there is."""
        chunks = speak(self._engines[voice.engine], text, voice, speed, self._chunk_ms, pause_ms)
        patience_s = 0.0
        while taken := await asyncio.to_thread(_take, chunks, patience_s):
            for chunk in taken:
                yield chunk
            patience_s = TOGETHER_S


async def _with(first: Chunk, rest: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    yield first
    async for chunk in rest:
        yield chunk


def _take(chunks: Iterator[Chunk], patience_s: float) -> list[Chunk]:
    """At least one, and all that come within `patience_s`; none when there are no more."""
    until = time.monotonic() + patience_s
    taken: list[Chunk] = []
    for chunk in chunks:
        taken.append(chunk)
        if time.monotonic() >= until or len(taken) == OUTSTANDING:
            break
    return taken


def _event(t: ev.Translation, chunk: Chunk) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id=t.session_id,
        track=t.track,
        epoch=t.epoch,
        utterance=t.utterance,
        language=t.language,
        sample_offset=chunk.offset,
        audio=chunk.pcm,
        last=chunk.last,
        boundaries=chunk.boundaries,
    )
