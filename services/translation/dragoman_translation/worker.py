"""Final transcripts in, one final translation for each wanted language out, once each."""

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.work import Poison, Worker, WorkSettings
from dragoman_translation.engines.base import Job, Pair, Translator
from dragoman_translation.graph import base, chain, reachable

log = get(__name__)


class TranslationWorker:
    """Keeps no state of a session: everything it needs stands in the message."""

    def __init__(self, bus: Bus, engines: dict[str, Translator], concurrency: int, build: str) -> None:
        self._bus = bus
        self._engines = engines
        self._pairs: dict[str, list[Pair]] = {name: e.pairs() for name, e in engines.items()}
        self._build = build
        settings = WorkSettings(
            stream=subjects.EVENTS_STREAM,
            durable=subjects.TRANSLATION_CONSUMER,
            filter=subjects.TRANSLATION_FILTER,
            concurrency=concurrency,
        )
        self.work = Worker(bus, settings, self._handle, self._give_up)

    def capabilities(self) -> rpc.CapabilitiesReply:
        """The pairs, chains included."""
        pairs = tuple(rpc.LanguagePair(source=s, target=t) for s, t in reachable(self._pairs))
        return rpc.CapabilitiesReply(pairs=pairs, build=self._build)

    async def _handle(self, msg: Msg) -> None:
        transcript = _transcript(msg)
        with telemetry.span("translation", msg.headers or {}, utterance=transcript.utterance):
            for target in transcript.work.target_languages:
                await self._one(transcript, target)

    async def _one(self, transcript: ev.Transcript, target: str) -> None:
        try:
            text, engine = await self._translate(transcript, target)
        except PeerError as exc:
            await self._bus.store_event(_failure(transcript, target, exc.code, exc.message))
            return
        await self._bus.store_event(_translation(transcript, target, text, engine))

    async def _translate(self, transcript: ev.Transcript, target: str) -> tuple[str, str]:
        if not transcript.text or base(target) == base(transcript.language):
            return transcript.text, "none"
        steps = chain(self._pairs, transcript.language, target)
        if steps is None:
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"no way from {transcript.language} to {target}")
        text = transcript.text
        for step in steps:
            job = Job(text, step.source, step.target, transcript.alternatives)
            text = await self._engines[step.engine].translate(job)
        return text, "+".join(f"{s.engine}:{s.source}-{s.target}" for s in steps)

    async def _give_up(self, msg: Msg, reason: str) -> None:
        try:
            transcript = _transcript(msg)
        except Poison:
            log.warning("malformed transcript given up")
            return
        for target in transcript.work.target_languages:
            code = FaultCode.ENGINE_FAILED
            await self._bus.store_event(_failure(transcript, target, code, f"translation failed ({reason})"))
        dead = subjects.dead("translation", transcript.session_id)
        await self._bus.store(dead, msg.data, f"dead.{subjects.message_id(transcript)}")


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
