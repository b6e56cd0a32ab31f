"""Answers to other services' requests over the bus: bounded, in time, each fault made in one place."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import Counter, Histogram

from dragoman_contract import codec, rpc
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a service: `call` takes a `request` and returns a `reply`, which has a field `fault`."""

    name: str
    subject: str
    request: type[Any]
    call: Callable[[Any], Awaitable[Any]]
    reply: type[Any]


class Answering:
    """The methods of one service.

    Args:
        service: its name, which is its queue group, too.
        limit: how many requests may be in hand at once; more are refused as `BUSY`.
        timeout_s: after it a request is answered with `UNAVAILABLE`.
        calls: counts requests by method and outcome.
        seconds: their times by method.
    """

    def __init__(
        self, service: str, limit: int, timeout_s: float, calls: Counter, seconds: Histogram
    ) -> None:
        self.limit = limit
        self.timeout_s = timeout_s
        self._service = service
        self._calls = calls
        self._seconds = seconds
        self._in_hand: set[asyncio.Task[None]] = set()

    async def subscribe(self, bus: Bus, methods: list[Method]) -> list[Any]:
        """Answer from now on; returns the subscriptions, to be drained at the stop."""
        return [
            await bus.nc.subscribe(one.subject, queue=self._service, cb=self._receiver(one))
            for one in methods
        ]

    async def drain(self, timeout_s: float) -> None:
        """Wait for the requests in hand."""
        if self._in_hand:
            await asyncio.wait(set(self._in_hand), timeout=timeout_s)

    def _receiver(self, method: Method) -> Callable[[Msg], Awaitable[None]]:
        for outcome in ("ok", *(code for code in FaultCode if code.kind.ours)):
            self._calls.labels(method.name, outcome)  # alerts read it: its first event is a change from 0

        async def answer(msg: Msg) -> None:
            span = telemetry.span(f"{self._service}.{method.name}", msg.headers)
            with span, self._seconds.labels(method.name).time():
                result = await self._outcome(method, msg)
            await _respond(msg, codec.encode(result))

        async def receive(msg: Msg) -> None:
            # nats-py hands over one message at a time; a slow answer must not hold up the others.
            if len(self._in_hand) >= self.limit:
                self._calls.labels(method.name, str(FaultCode.BUSY)).inc()
                busy = rpc.Fault(
                    code=FaultCode.BUSY, message="too many concurrent requests", retry_after_ms=500
                )
                return await _respond(msg, codec.encode(method.reply(fault=busy)))
            task = asyncio.create_task(answer(msg), name=f"{self._service}-{method.name}")
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
            return None

        return receive

    async def _outcome(self, method: Method, msg: Msg) -> Any:
        """The reply, whatever happens: here and nowhere else exceptions become faults."""
        try:
            async with asyncio.timeout(self.timeout_s):
                result = await method.call(codec.decode(method.request, msg.data))
        except DragomanError as exc:
            fault = rpc.Fault(code=exc.code, message=exc.message, retry_after_ms=exc.retry_after_ms)
            result = method.reply(fault=fault)
        except TimeoutError:
            words = f"the {self._service} service took too long"
            result = method.reply(fault=rpc.Fault(code=FaultCode.UNAVAILABLE, message=words))
        except Exception as exc:
            log.exception("request failed", method=method.name, error=type(exc).__name__)
            fault = rpc.Fault(code=FaultCode.INTERNAL, message="an internal error happened")
            result = method.reply(fault=fault)
        self._calls.labels(method.name, str(result.fault.code) if result.fault else "ok").inc()
        return result


async def _respond(msg: Msg, data: bytes) -> None:
    try:
        await msg.respond(data)
    except NatsError as exc:
        log.warning("answer not sent", error=type(exc).__name__)
