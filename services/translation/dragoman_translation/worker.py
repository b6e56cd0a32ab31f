"""Final transcripts in, one final translation for each wanted language out, once each."""

from collections.abc import Callable

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.work import Poison, Worker, WorkSettings, waited
from dragoman_translation.translate import Translation

log = get(__name__)
PAGE = 2000  # pairs of one answer: with long chains a third of what a message of the bus may hold


class TranslationWorker:
    """Keeps no state of a session: everything it needs stands in the message."""

    def __init__(
        self,
        bus: Bus,
        translation: Translation,
        concurrency: int,
        build: str,
        obtainable: tuple[rpc.ObtainablePair, ...] = (),
        want: Callable[[str, str], None] | None = None,
    ) -> None:
        """`want` is told each pair that is translated."""
        self._bus = bus
        self._translation = translation
        self._build = build
        self._obtainable = obtainable
        self._want = want
        settings = WorkSettings(
            stream=subjects.EVENTS_STREAM,
            durable=subjects.TRANSLATION_CONSUMER,
            filter=subjects.TRANSLATION_FILTER,
            concurrency=concurrency,
        )
        self.work = Worker(bus, settings, self._handle, self._give_up)

    def capabilities(self, page: int = 0) -> rpc.CapabilitiesReply:
        """The pairs that are served now, chains included, a page of them."""
        pairs = self._translation.pairs()
        return rpc.CapabilitiesReply(
            pairs=pairs[page * PAGE : (page + 1) * PAGE],
            build=self._build,
            obtainable=self._obtainable,
            pages=-(-len(pairs) // PAGE),
        )

    async def _handle(self, msg: Msg) -> None:
        transcript = _transcript(msg)
        with telemetry.span("translation", msg.headers or {}, about=waited(msg)):
            for target in transcript.work.target_languages:
                await self._one(transcript, target)

    async def _one(self, transcript: ev.Transcript, target: str) -> None:
        if self._want is not None:
            self._want(transcript.language, target)
        try:
            with telemetry.span("translation.engine", language=target) as span:
                text, engine = await self._translation.translate(transcript, target)
                span.set_attribute("engine", engine)
        except PeerError as exc:
            await self._bus.store_event(_failure(transcript, target, exc.code, exc.message))
            return
        await self._bus.store_event(_translation(transcript, target, text, engine))

    async def _give_up(self, msg: Msg, reason: str) -> None:
        try:
            transcript = _transcript(msg)
        except Poison:
            log.warning("malformed transcript given up")
            return
        for target in transcript.work.target_languages:
            code = FaultCode.ENGINE_FAILED
            await self._bus.store_event(_failure(transcript, target, code, f"translation failed ({reason})"))
        await self._bus.dead_letter("translation", transcript.session_id, msg, reason)


def _transcript(msg: Msg) -> ev.Transcript:
    try:
        event = codec.decode_event(msg.data)
    except DragomanError as exc:
        raise Poison("not an event") from exc
    if not isinstance(event, ev.Transcript) or not event.final:
        raise Poison("not a final transcript")
    return event


def _translation(t: ev.Transcript, target: str, text: str, engine: str) -> ev.Translation:
    return ev.Translation(
        session_id=t.session_id,
        track=t.track,
        epoch=t.epoch,
        utterance=t.utterance,
        revision=t.revision,
        final=True,
        language=target,
        text=text,
        source_language=t.language,
        source_text=t.text,
        start_ms=t.start_ms,
        duration_ms=t.duration_ms,
        work=t.work,
        engine=engine,
    )


def _failure(t: ev.Transcript, target: str, code: str, message: str) -> ev.Failure:
    return ev.Failure(
        session_id=t.session_id,
        track=t.track,
        epoch=t.epoch,
        utterance=t.utterance,
        stage=ev.Stage.TRANSLATION,
        language=target,
        code=code,
        message=message,
    )
