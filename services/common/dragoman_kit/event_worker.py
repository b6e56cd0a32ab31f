"""The base of a service that makes events of events: translation and tts."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import ClassVar, Generic, TypeVar

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects, texts
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError, fault_code
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.streams import Consumer
from dragoman_kit.work import Poison, Worker, Workers, WorkSettings

log = get(__name__)
E = TypeVar("E", ev.Transcript, ev.Translation)


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
        live = Worker(bus, WorkSettings(self.live, concurrency), self._handle, self._give_up)
        fewer = WorkSettings(self.texts, max(1, concurrency // 2))
        self.work = Workers(live, Worker(bus, fewer, self._handle, self._give_up, first=live))

    @abstractmethod
    async def process(self, event: E, msg: Msg) -> None:
        """Publish all results of an event; what is raised has the work tried again."""

    @abstractmethod
    def languages(self, event: E) -> Iterable[str]:
        """The languages of the results, each of which fails when the work is given up."""

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
        try:
            yield
        finally:
            await subscription.drain()  # type: ignore[no-untyped-call]

    async def _tell(self, msg: Msg) -> None:
        try:
            page = codec.decode(rpc.CapabilitiesRequest, msg.data).page
        except PeerError:
            return
        await msg.respond(codec.encode(self.capabilities(page)))

    async def _handle(self, msg: Msg) -> None:
        await self.process(self._event(msg), msg)

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
