"""Requests over the bus: every outcome is a reply, in time, and only so many are in hand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from nats.errors import ConnectionClosedError
from prometheus_client import CollectorRegistry, Counter, Histogram

from dragoman_contract import codec, rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_kit.answering import Answering, Method
from tests.support.recording_bus import RecordingBus, WorkMessage, until

ASKED = rpc.GetTaskRequest(account_id="a_1", task_id="s_1")
Call = Callable[[Any], Awaitable[Any]]


class Service:
    """A service of one method over a bus in memory."""

    def __init__(self, call: Call, limit: int = 10) -> None:
        registry = CollectorRegistry()
        self.calls = Counter("calls", "", ["method", "outcome"], registry=registry)
        seconds = Histogram("seconds", "", ["method"], registry=registry)
        self.answering = Answering("archive", limit, 5, self.calls, seconds)
        self.bus = RecordingBus()
        self.method = Method("get_task", "x.get_task", rpc.GetTaskRequest, call, rpc.GetTaskReply)

    async def send(self, data: bytes = codec.encode(ASKED)) -> WorkMessage:
        if not self.bus.nc.subscriptions:
            await self.answering.subscribe(self.bus.bus, [self.method])
        (receiver,) = self.bus.nc.subscriptions
        message = WorkMessage(data)
        assert receiver.cb is not None
        await receiver.cb(message.msg)
        return message

    async def ask(self, data: bytes = codec.encode(ASKED)) -> rpc.GetTaskReply:
        message = await self.send(data)
        await until(lambda: message.answers)
        return codec.decode(rpc.GetTaskReply, message.answers[0])

    def counted(self, outcome: str) -> float:
        found = [
            s.value for m in self.calls.collect() for s in m.samples if s.labels.get("outcome") == outcome
        ]
        return found[0]


async def found(asked: rpc.GetTaskRequest) -> rpc.GetTaskReply:
    return rpc.GetTaskReply(task=rpc.Task(id=asked.task_id))


def failing(error: Exception) -> Call:
    async def call(asked: rpc.GetTaskRequest) -> rpc.GetTaskReply:
        raise error

    return call


async def test_a_request_is_answered_and_counted() -> None:
    service = Service(found)
    assert await service.ask() == rpc.GetTaskReply(task=rpc.Task(id="s_1"))
    assert service.counted("ok") == 1


async def test_a_refusal_is_a_fault_with_its_code() -> None:
    service = Service(failing(PeerError(FaultCode.UNKNOWN_SESSION, "none", retry_after_ms=3)))
    fault = (await service.ask()).fault
    assert fault == rpc.Fault(code=FaultCode.UNKNOWN_SESSION, message="none", retry_after_ms=3)


async def test_a_bug_is_an_internal_fault_that_tells_nothing() -> None:
    fault = (await Service(failing(RuntimeError("a secret"))).ask()).fault
    assert fault == rpc.Fault(code=FaultCode.INTERNAL, message="an internal error happened")


async def test_bytes_that_are_no_request_are_refused() -> None:
    fault = (await Service(found).ask(b"\xff\xff\xff")).fault
    assert fault is not None and fault.code == FaultCode.BAD_REQUEST


async def test_a_request_that_takes_too_long_is_told_so() -> None:
    async def hang(asked: rpc.GetTaskRequest) -> rpc.GetTaskReply:
        await asyncio.sleep(60)
        raise AssertionError

    service = Service(hang)
    service.answering.timeout_s = 0.005
    fault = (await service.ask()).fault
    assert fault is not None
    assert (fault.code, fault.message) == (FaultCode.UNAVAILABLE, "the archive service took too long")


async def test_more_requests_than_can_be_in_hand_are_busy_and_those_in_hand_are_waited_for() -> None:
    let_go = asyncio.Event()

    async def slow(asked: rpc.GetTaskRequest) -> rpc.GetTaskReply:
        await let_go.wait()
        return await found(asked)

    service = Service(slow, limit=1)
    first, second = await service.send(), await service.send()
    fault = codec.decode(rpc.GetTaskReply, second.answers[0]).fault
    assert fault is not None and fault.code == FaultCode.BUSY and fault.retry_after_ms > 0
    let_go.set()
    await service.answering.drain(5)
    assert first.answers


async def test_an_asker_that_is_gone_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(self: WorkMessage, data: bytes) -> None:
        raise ConnectionClosedError

    service = Service(found)
    with monkeypatch.context() as patch:
        patch.setattr("tests.support.recording_bus.WorkMessage.respond", gone)
        await service.send()
        await service.answering.drain(5)
    assert (await service.ask()).task is not None
