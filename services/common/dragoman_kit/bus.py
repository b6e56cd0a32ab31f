"""The bus: one connection to NATS with bounds, requests and durable publishing."""

import asyncio
import contextlib
import itertools
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError, SlowConsumerError
from nats.js import JetStreamContext
from prometheus_client import Counter, Gauge

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import streams, telemetry
from dragoman_kit.bus_transport import client
from dragoman_kit.logging import get
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings

log = get(__name__)
T = TypeVar("T")

CONNECTED = Gauge("dragoman_bus_connected", "1 while this process is connected to the bus")
ERRORS = Counter("dragoman_bus_errors_total", "Errors reported by the bus client", ["kind"])
OVERFLOWS = Counter("dragoman_bus_overflows_total", "Messages dropped because a subscription was too slow")
BURIED = Counter(
    "dragoman_dead_messages_total", "Abandoned work messages moved to the dead-letter stream", ["service"]
)
PUBLISH_RETRIES = Counter("dragoman_bus_publish_retries_total", "Durable publishes that were retried")

# What nats-py may hold back while it reconnects: little, so that stale messages are not sent late.
PENDING_BYTES = 2 * 1024 * 1024
PATIENCE_S = 45.0  # a restarted server, a new leader or a lost route is back before that
PUBLISH_TIMEOUT_S = 2.0
PUBLISH_AGAIN_S = 0.1  # doubled with each try, up to a second
JS_TIMEOUT_S = 2.0  # an answer that a dying server took along is not waited for longer
RPC_TIMEOUT_S = 3.0


@dataclass(slots=True)
class Since:
    """Moment of the last connection (monotonic s)."""

    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Bus:
    """A connection and its JetStream context.

    Attributes:
        overflows: how often each subscription was too slow; nats-py drops the newest message then.
        since: when the connection was last made.
    """

    nc: Client
    js: JetStreamContext
    overflows: "WeakKeyDictionary[Subscription, int]" = field(default_factory=WeakKeyDictionary)
    since: Since = field(default_factory=Since)

    def gap_count(self, subscription: Subscription | None) -> int:
        """Count the times that a subscription may have missed messages: lost connections and overflows."""
        overflows = self.overflows.get(subscription, 0) if subscription is not None else 0
        return self.reconnects + overflows

    @property
    def reconnects(self) -> int:
        """Count the times that the connection was lost and made again."""
        return int(self.nc.stats["reconnects"])

    @property
    def connected(self) -> bool:
        """Whether the server can be reached at this moment."""
        return self.nc.is_connected

    @property
    def connected_ms(self) -> int:
        """Age of the present connection in ms."""
        return round((time.monotonic() - self.since.at) * 1000)

    async def publish_event(self, event: ev.Event) -> None:
        """Publish on core NATS: lowest latency, no promise."""
        await self.nc.publish(subjects.event(event), codec.encode_event(event))

    async def store_event(self, event: ev.Event, patience_s: float = PATIENCE_S) -> None:
        """Publish durably: returns when the stream has it, repeating under the same message id.

        Raises:
            MeshError: `UNAVAILABLE`, when the bus did not take it after all tries.
        """
        subject, payload = subjects.event(event), codec.encode_event(event)
        await self.store(subject, payload, subjects.message_id(event), patience_s)

    async def dead_letter(self, service: str, session_id: str, msg: Msg, reason: str) -> None:
        """Put work that was given up aside, with all that it takes to do it again.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        headers = {subjects.REASON_HEADER: reason, subjects.SUBJECT_HEADER: msg.subject}
        place = msg.metadata.sequence
        identity = f"dead.{service}.{place.stream if place else 0}.{session_id}"
        BURIED.labels(service).inc()
        await self.store(subjects.dead(service, session_id), msg.data, identity, headers=headers)

    async def store(
        self,
        subject: str,
        payload: bytes,
        message_id: str,
        patience_s: float = PATIENCE_S,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Store a message in JetStream; a repeat under the same id within two minutes is dropped.

        Raises: MeshError if the bus does not confirm it in time.
        """
        headers = telemetry.headers() | (headers or {}) | {subjects.MESSAGE_ID_HEADER: message_id}
        deadline = time.monotonic() + patience_s
        for attempt in itertools.count():
            try:
                await self.js.publish(subject, payload, timeout=PUBLISH_TIMEOUT_S, headers=headers)
            except (NatsError, TimeoutError) as exc:
                PUBLISH_RETRIES.inc()
                log.warning("durable publish failed", attempt=attempt, error=type(exc).__name__)
            else:
                return
            if time.monotonic() > deadline:
                raise MeshError(FaultCode.UNAVAILABLE, "the bus did not accept a message")
            await asyncio.sleep(min(1.0, PUBLISH_AGAIN_S * 2 ** min(attempt, 16)))

    async def request(
        self, subject: str, message: rpc.Message, reply: type[T], wait_s: float = RPC_TIMEOUT_S
    ) -> T:
        """Ask one member of a queue group.

        Raises:
            MeshError: `BUSY` when nobody is there to answer, `TIMEOUT` when nobody did, `UNAVAILABLE` else.
        """
        try:
            answer = await self.nc.request(
                subject, codec.encode(message), timeout=wait_s, headers=telemetry.headers()
            )
        except NoRespondersError as exc:
            raise MeshError(FaultCode.BUSY, "no service is free to answer") from exc
        except TimeoutError as exc:
            raise MeshError(FaultCode.TIMEOUT, "no service answered in time") from exc
        except NatsError as exc:
            raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached") from exc
        return codec.decode(reply, answer.data)

    async def close(self) -> None:
        """Send what is still to be sent, and close, within bounded time.

        Not nats-py's `drain`: it waits for whatever a pull subscription was sent and nobody fetched. Who
        closes has finished its work before.
        """
        with contextlib.suppress(NatsError, TimeoutError):
            await self.nc.flush(timeout=2)
        with contextlib.suppress(RuntimeError):  # uvloop's, of a transport that broke a moment ago
            await self.nc.close()


async def connect(settings: CommonSettings, name: str, health: Health) -> Bus:
    """Connect, reconnecting for ever, and make the streams; `health` says when the bus is missing."""
    nc = client()
    bus = Bus(nc, nc.jetstream(timeout=JS_TIMEOUT_S))

    async def check() -> str | None:
        if nc.is_connected:
            return None
        return f"the bus does not answer; is nats-server running at {_public(settings.nats_url)}?"

    health.add("bus", check)
    await nc.connect(**_options(settings, name, bus))
    CONNECTED.set(1)
    await streams.ensure(bus.js, settings)
    return bus


def _public(url: str) -> str:
    """The servers without user and password."""
    return ",".join(part.rpartition("@")[2].removeprefix("nats://") for part in url.split(","))


def _options(settings: CommonSettings, name: str, bus: Bus) -> dict[str, Any]:
    """What nats-py's `Client.connect` takes."""
    password = settings.nats_password.get_secret_value()
    return {
        "servers": settings.nats_url.split(","),
        "name": f"dragoman-{name}",
        "user": settings.nats_user or None,
        "password": password or None,
        # Answers to one service are not another's to read.
        "inbox_prefix": f"_INBOX.{settings.nats_user or name}",
        "tls": ssl.create_default_context(cafile=settings.nats_ca_file) if settings.nats_ca_file else None,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.25,
        "connect_timeout": 3,
        "ping_interval": 5,
        "max_outstanding_pings": 2,
        "pending_size": PENDING_BYTES,
        "allow_reconnect": True,
    } | _callbacks(settings, bus)


def _callbacks(settings: CommonSettings, bus: Bus) -> dict[str, Callable[..., Awaitable[None]]]:
    async def on_error(exc: Exception) -> None:
        if isinstance(exc, SlowConsumerError):
            bus.overflows[exc.sub] = bus.overflows.get(exc.sub, 0) + 1
            OVERFLOWS.inc()
        ERRORS.labels(kind=type(exc).__name__).inc()
        log.warning("bus error", error=type(exc).__name__)

    async def on_disconnected() -> None:
        CONNECTED.set(0)
        log.warning("bus disconnected")

    async def on_reconnected() -> None:
        bus.since.at = time.monotonic()
        CONNECTED.set(1)
        log.info("bus connected again")
        # A single server that was restarted has forgotten the streams it held in memory.
        await streams.ensure(bus.js, settings)

    return {"error_cb": on_error, "disconnected_cb": on_disconnected, "reconnected_cb": on_reconnected}
