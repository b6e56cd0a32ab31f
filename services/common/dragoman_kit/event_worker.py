"""The base of a service that makes events of events: translation and tts."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ClassVar, Generic, TypeVar

from nats.aio.msg import Msg
from prometheus_client import Counter

from dragoman_contract import codec, rpc, subjects, texts
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError, fault_code
from dragoman_kit.begun_work import BegunWork
from dragoman_kit.bus import BURIED, Bus
from dragoman_kit.ended_sessions import EndedSessions
from dragoman_kit.engine_process import EngineLost
from dragoman_kit.logging import get
from dragoman_kit.streams import Consumer
from dragoman_kit.work import Poison, Worker, Workers, WorkSettings, waited_ms

log = get(__name__)
E = TypeVar("E", ev.Transcript, ev.Translation)


UNDONE = Counter(
    "dragoman_work_undone_total",
    "Work messages dropped because their session had ended or they were late",
    ["service", "why"],
)
SHORTEST_S, LONGEST_S, SLACK_S = 20.0, 120.0, 5.0  # that a piece of work may take
CHARACTERS_PER_S = 50  # of a slow engine


def time_limit_s(text: str) -> float:
    """Return how long the work on a text may take."""
    return min(LONGEST_S, SHORTEST_S + len(text) / CHARACTERS_PER_S)


def _cost_engine(exc: BaseException) -> bool:
    if isinstance(exc, BaseExceptionGroup):
        return any(map(_cost_engine, exc.exceptions))
    return isinstance(exc, EngineLost)


class EventWorker(ABC, Generic[E]):
    """Takes final events of one kind from a shared consumer and answers for what it can do.

    It keeps no state of a session: all that the work needs stands in the message. Work is tried again when
    it fails; work that is given up becomes failures for the session, and a dead letter for the operator.

    Attributes:
        service: name on the bus, of its dead letters and of its queue group.
        live, texts: where its work comes from: live speech, and texts beside it, which give way to that.
        takes: the kind of event.
        stage: the part of the pipeline that its failures name.
        product: the result in a word, for the message of a failure.
    """

    service: ClassVar[str]
    live: ClassVar[Consumer]
    texts: ClassVar[Consumer]
    stage: ClassVar[ev.Stage]
    product: ClassVar[str]
    takes: type[E]

    def __init__(self, bus: Bus, concurrency: int) -> None:
        self._bus = bus
        self._ended = EndedSessions()
        BURIED.labels(self.service)  # alerts read it: its first event is a change from 0
        for why in ("ended", "late"):
            UNDONE.labels(self.service, why)
        places = WorkSettings(self.live, concurrency, handler_timeout_s=LONGEST_S + SLACK_S)
        begun = BegunWork(bus, lambda msg: self.begun_before(self._event(msg)))
        live = Worker(
            bus, places, self._handle, self._give_up, owner=self._owner, alone=concurrency, begun=begun
        )
        fewer = replace(places, consumer=self.texts, concurrency=max(2, concurrency // 2))
        texts = Worker(bus, fewer, self._handle, self._give_up, first=live, owner=self._owner, begun=begun)
        self.work = Workers(live, texts)

    @abstractmethod
    async def process(self, event: E, msg: Msg) -> None:
        """Publish all results of an event; what is raised has the work tried again."""

    @abstractmethod
    def languages(self, event: E) -> Iterable[str]:
        """The languages of the results, each of which fails when the work is given up."""

    def begun_before(self, event: E) -> str:
        """Return the note of earlier work on the same (`BegunWork`); empty = there is none."""
        return ""

    @abstractmethod
    def capabilities(self, page: int = 0) -> rpc.CapabilitiesReply:
        """Return a page of the service's present capabilities."""

    async def fail(self, event: E, language: str, code: str, message: str) -> None:
        """Tell the session that a result does not come."""
        await self._bus.store_event(
            ev.Failure(
                session_id=event.session_id,
                track=event.track,
                epoch=event.epoch,
                utterance=event.utterance,
                stage=self.stage,
                language=language,
                code=code,
                message=message,
                retryable=fault_code(code).retryable,
            )
        )

    @asynccontextmanager
    async def announced(self) -> AsyncIterator[None]:
        """Answer requests for the capabilities until the block is left."""
        subject = subjects.capabilities(self.service)
        subscription = await self._bus.nc.subscribe(subject, queue=self.service, cb=self._tell)
        ends = await self._ended.listen(self._bus)
        try:
            yield
        finally:
            await ends.unsubscribe()
            await subscription.drain()  # type: ignore[no-untyped-call]

    async def _tell(self, msg: Msg) -> None:
        try:
            page = codec.decode(rpc.CapabilitiesRequest, msg.data).page
        except PeerError:
            return
        await msg.respond(codec.encode(self.capabilities(page)))

    async def _handle(self, msg: Msg) -> None:
        event = self._event(msg)
        if event.session_id in self._ended:
            UNDONE.labels(self.service, "ended").inc()
            return
        if (
            0 < event.work.patience_ms < min(waited_ms(msg), self._bus.connected_ms)
        ):  # nobody was there before
            UNDONE.labels(self.service, "late").inc()
            for language in self.languages(event):
                await self.fail(event, language, FaultCode.TIMEOUT, f"{self.product} was not begun in time")
            return
        reconnects = self._bus.reconnects
        try:
            async with asyncio.timeout(time_limit_s(event.text)):
                await self.process(event, msg)
        except TimeoutError:
            if not self._bus.connected or self._bus.reconnects != reconnects:
                raise MeshError(FaultCode.UNAVAILABLE, "the bus was away") from None  # not the work's fault
            # What has blocked one worker is not given to the next.
            raise Poison("took too long") from None
        except Exception as exc:
            if _cost_engine(exc):
                raise Poison("cost its engine") from None
            raise

    def _owner(self, msg: Msg) -> str:
        try:
            return self._event(msg).work.account_id
        except Poison:
            return ""

    async def _give_up(self, msg: Msg, reason: str) -> None:
        try:
            event = self._event(msg)
        except Poison as exc:
            log.warning("malformed work given up", service=self.service, reason=str(exc))
            return
        for language in self.languages(event):
            await self.fail(event, language, FaultCode.ENGINE_FAILED, f"{self.product} failed ({reason})")
        await self._bus.dead_letter(self.service, event.session_id, msg, reason)

    def _event(self, msg: Msg) -> E:
        try:
            event = codec.decode_event(msg.data)
        except DragomanError as exc:
            raise Poison("not an event") from exc
        if not isinstance(event, self.takes) or not event.final:
            raise Poison(f"not a final {self.takes.__name__.lower()}")
        return texts.cleaned(event)  # whoever may publish: no engine sees a control character
