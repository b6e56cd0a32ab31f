"""A bus that keeps what it is given, its JetStream, and the messages of a work consumer; without a server."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from dragoman_contract import codec
from dragoman_contract import events as ev
from dragoman_kit.bus import Bus
from tests.support.fake_bus import FakeClient
from tests.support.waiting import WAIT_S


class WorkMessage:
    """A message of a stream, and how it was settled: "ack", "nak <delay>", "term" or nothing yet."""

    def __init__(
        self, data: bytes, tries: int = 1, *, subject: str = "work", headers: dict[str, str] | None = None
    ) -> None:
        self.data = data
        self.subject = subject
        self.headers = headers
        self.settled: list[str] = []
        self.answers: list[bytes] = []
        self.refuses: Exception | None = None
        sequence = SimpleNamespace(stream=7)
        self.metadata = SimpleNamespace(
            num_delivered=tries,
            sequence=sequence,
            consumer="work",
            timestamp=datetime.now(UTC).replace(tzinfo=None),
        )

    @property
    def msg(self) -> Msg:
        """As the code under test sees it."""
        return cast(Msg, self)

    async def ack(self) -> None:
        self._settle("ack")

    async def nak(self, delay: float = 0) -> None:
        self._settle(f"nak {delay:g}")

    async def term(self) -> None:
        self._settle("term")

    async def in_progress(self) -> None:
        self._settle("progress")

    async def respond(self, data: bytes) -> None:
        self.answers.append(data)

    def _settle(self, how: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.settled.append(how)


class PullSubscription:
    """Gives the messages that were put into it, one at a time."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[WorkMessage | Exception] = asyncio.Queue()
        self.asked = asyncio.Event()

    async def fetch(self, batch: int, timeout: float) -> list[WorkMessage]:  # noqa: ASYNC109  as nats-py
        self.asked.set()
        found = await self.messages.get()
        if isinstance(found, Exception):
            raise found
        return [found]


class RecordingStreams:
    """JetStream: streams that were made, messages that were published, and one pull subscription.

    `failures`: raised by the next calls, in order.
    """

    def __init__(self) -> None:
        self.pull = PullSubscription()
        self.subscribed: list[dict[str, Any]] = []
        self.published: list[tuple[str, bytes, dict[str, str]]] = []
        self.streams: dict[str, Any] = {}
        self.consumers: dict[str, Any] = {}
        self.notes: dict[str, bytes] = {}  # by subject, read by `get_last_msg`
        self.calls: list[str] = []
        self.failures: list[Exception] = []
        self.consumer_lost = False  # the next time that it is looked for
        self.first: dict[str, int] = {}  # sequence of the oldest message of a subject

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.failures:
            raise self.failures.pop(0)

    async def consumer_info(self, stream: str, consumer: str) -> None:
        self._called("consumer_info")
        if self.consumer_lost:
            self.consumer_lost = False
            raise NotFoundError

    async def get_msg(self, stream: str, *, seq: int, subject: str, next: bool) -> SimpleNamespace:
        self._called("get_msg")
        if subject not in self.first:
            raise NotFoundError
        return SimpleNamespace(seq=self.first[subject])

    async def pull_subscribe_bind(self, **options: Any) -> PullSubscription:
        self.subscribed.append(options)
        return self.pull

    async def get_last_msg(self, stream: str, subject: str, direct: bool) -> SimpleNamespace:
        self._called("get_last_msg")
        if subject not in self.notes:
            raise NotFoundError
        return SimpleNamespace(data=self.notes[subject])

    async def add_consumer(self, stream: str, config: Any) -> None:
        self._called("add_consumer")
        self.consumers[config.durable_name] = config

    async def publish(
        self,
        subject: str,
        payload: bytes,
        timeout: float,  # noqa: ASYNC109
        headers: dict[str, str],
    ) -> None:
        self._called("publish")
        self.published.append((subject, payload, headers))

    async def stream_info(self, name: str) -> SimpleNamespace:
        self._called("stream_info")
        if name not in self.streams:
            raise NotFoundError
        return SimpleNamespace(config=self.streams[name])

    async def add_stream(self, config: Any) -> None:
        self._called("add_stream")
        self.streams[config.name] = config

    async def update_stream(self, config: Any) -> None:
        self._called("update_stream")
        self.streams[config.name] = config


@dataclass
class RecordingBus:
    """Events that were stored or published, dead letters, and what stands behind them.

    `failures`: raised by the next attempts to store an event, in order.
    """

    nc: FakeClient = field(default_factory=FakeClient)
    js: RecordingStreams = field(default_factory=RecordingStreams)
    stored: list[ev.Event] = field(default_factory=list)
    published: list[ev.Event] = field(default_factory=list)
    dead: list[tuple[str, str, str]] = field(default_factory=list)  # service, session, reason
    failures: list[Exception] = field(default_factory=list)
    closed: bool = False
    connected: bool = True
    connected_ms: int = 60_000
    reconnects: int = 0

    @property
    def bus(self) -> Bus:
        """As the code under test sees it."""
        return cast(Bus, self)

    async def store_event(self, event: ev.Event, patience_s: float = 0) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.stored.append(event)

    async def publish_event(self, event: ev.Event) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.published.append(event)

    async def dead_letter(self, service: str, session_id: str, msg: Msg, reason: str) -> None:
        self.dead.append((service, session_id, reason))

    async def close(self) -> None:
        self.closed = True


def work(event: ev.Event, tries: int = 1) -> WorkMessage:
    """An event as a piece of work."""
    return WorkMessage(codec.encode_event(event), tries)


async def until(true: Callable[[], Any]) -> None:
    """Let other tasks run until it is so; at most 20 seconds."""
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.001)
