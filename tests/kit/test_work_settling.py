"""What becomes of a piece of work: done, tried again later, or given up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import ServiceUnavailableError

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import streams, work
from dragoman_kit.begun_work import BegunWork
from dragoman_kit.work import Poison, Worker, WorkSettings, waited
from tests.support.recording_bus import RecordingBus, WorkMessage, until

QUICK = replace(streams.TTS, ack_wait_s=0.003)
SETTINGS = WorkSettings(QUICK, concurrency=1, max_deliver=3, retry_delay_s=0.5)


class Handler:
    """Does what it is told to, and remembers what was given up and why."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.given_up: list[str] = []
        self.giving_up_fails: Exception | None = None

    async def handle(self, msg: Msg) -> None:
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome

    async def give_up(self, msg: Msg, reason: str) -> None:
        self.given_up.append(reason)
        if self.giving_up_fails is not None:
            raise self.giving_up_fails


@asynccontextmanager
async def working(
    bus: RecordingBus,
    handle: Callable[[Msg], Awaitable[None]],
    give_up: Callable[[Msg, str], Awaitable[None]],
    settings: WorkSettings = SETTINGS,
) -> AsyncIterator[Worker]:
    worker = Worker(bus.bus, settings, handle, give_up)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        yield worker
        worker.stop()


async def settled(handler: Handler, message: WorkMessage, settings: WorkSettings = SETTINGS) -> list[str]:
    """How a message was settled, progress left out."""
    bus = RecordingBus()
    bus.js.pull.messages.put_nowait(message)
    async with working(bus, handler.handle, handler.give_up, settings):
        await until(lambda: [how for how in message.settled if how != "progress"] or message.refuses)
    return [how for how in message.settled if how != "progress"]


async def test_work_that_was_done_is_acknowledged() -> None:
    handler = Handler()
    assert await settled(handler, WorkMessage(b"")) == ["ack"]
    assert handler.given_up == []


@pytest.mark.parametrize(("tries", "delay"), [(1, "1"), (2, "2")])
async def test_work_that_failed_comes_again_later_each_time(tries: int, delay: str) -> None:
    assert await settled(Handler(RuntimeError()), WorkMessage(b"", tries)) == [f"nak {delay}"]


async def test_the_delay_is_bounded() -> None:
    settings = WorkSettings(streams.TTS, max_deliver=10_000)
    assert await settled(Handler(RuntimeError()), WorkMessage(b"", 9000), settings) == ["nak 30"]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (RuntimeError("a text nobody may read"), "RuntimeError"),
        (MeshError(FaultCode.ENGINE_FAILED, "no"), "engine_failed"),
        (ExceptionGroup("", [ExceptionGroup("", [ValueError("secret")])]), "ValueError"),
        (Poison("not an event"), "not an event"),
        (Poison(), "malformed"),
    ],
)
async def test_work_is_given_up_with_a_reason_that_holds_no_text(failure: Exception, reason: str) -> None:
    handler = Handler(failure)
    assert await settled(handler, WorkMessage(b"", SETTINGS.max_deliver)) == ["term"]
    assert handler.given_up == [reason]


@pytest.mark.parametrize(("deaths", "how"), [(b"0", "ack"), (b"1", "ack"), (b"2", "term")])
async def test_work_that_ended_two_workers_is_given_up_untried(deaths: bytes, how: str) -> None:
    bus, handler, message = RecordingBus(), Handler(), WorkMessage(b"", tries=2)
    bus.js.notes[subjects.begun("work", 7)] = deaths
    bus.js.pull.messages.put_nowait(message)
    worker = Worker(bus.bus, SETTINGS, handler.handle, handler.give_up, begun=BegunWork(bus.bus))
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        await until(lambda: set(message.settled) - {"progress"})
        worker.stop()
    assert [one for one in message.settled if one != "progress"] == [how]
    assert handler.given_up == (["ended its workers"] if how == "term" else [])


async def test_poison_is_given_up_at_its_first_try() -> None:
    handler = Handler(Poison("bad"))
    assert await settled(handler, WorkMessage(b"", 1)) == ["term"]


async def test_work_of_which_every_worker_died_is_not_tried_once_more() -> None:
    handler = Handler(AssertionError("it was tried"))
    assert await settled(handler, WorkMessage(b"", SETTINGS.max_deliver + 1)) == ["term"]
    assert handler.given_up == ["crashed"]


async def test_work_comes_back_when_giving_up_could_not_be_told() -> None:
    handler = Handler(Poison("bad"))
    handler.giving_up_fails = MeshError(FaultCode.UNAVAILABLE, "")
    assert await settled(handler, WorkMessage(b"")) == ["nak 1"]


async def test_a_handler_that_hangs_is_ended_and_the_work_comes_again() -> None:
    settings = WorkSettings(streams.TTS, handler_timeout_s=0.005)
    message, bus = WorkMessage(b""), RecordingBus()
    bus.js.pull.messages.put_nowait(message)

    async def hang(msg: Msg) -> None:
        await asyncio.sleep(60)

    async with working(bus, hang, Handler().give_up, settings):
        await until(lambda: message.settled)
    assert message.settled == ["nak 0.4"]


async def test_the_server_hears_of_progress_while_a_handler_runs() -> None:
    message, bus = WorkMessage(b""), RecordingBus()
    bus.js.pull.messages.put_nowait(message)

    async def slow(msg: Msg) -> None:
        await until(lambda: len(message.settled) > 1)

    async with working(bus, slow, Handler().give_up):
        await until(lambda: "ack" in message.settled)
    assert message.settled[:2] == ["progress", "progress"]


async def test_an_acknowledgement_that_fails_ends_no_worker() -> None:
    lost, next_one, bus = WorkMessage(b""), WorkMessage(b""), RecordingBus()
    lost.refuses = ConnectionClosedError()
    bus.js.pull.messages.put_nowait(lost)
    bus.js.pull.messages.put_nowait(next_one)
    handler = Handler()
    async with working(bus, handler.handle, handler.give_up):
        await until(lambda: next_one.settled)
    assert next_one.settled == ["ack"]


async def test_a_fetch_that_fails_or_finds_nothing_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FETCH_AGAIN_S", 0.001)
    message, bus = WorkMessage(b""), RecordingBus()
    for found in (ConnectionClosedError(), NatsTimeoutError(), message):
        bus.js.pull.messages.put_nowait(found)
    handler = Handler()
    async with working(bus, handler.handle, handler.give_up):
        await until(lambda: message.settled)


async def test_it_is_not_ready_before_its_consumer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LOOK_AGAIN_S", 0.001)
    bus = RecordingBus()
    bus.js.failures += [ConnectionClosedError(), TimeoutError()]
    handler = Handler()
    async with working(bus, handler.handle, handler.give_up) as worker:
        assert "not there yet" in (await worker.problem() or "")
        await until(bus.js.pull.asked.is_set)
        assert await worker.problem() is None
    (made,) = bus.js.subscribed
    assert made == {"stream": streams.TTS.stream, "durable": streams.TTS.durable}


async def test_texts_begin_only_when_live_work_has_a_free_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "GIVE_WAY_EVERY_S", 0.001)
    live_bus, text_bus, go = RecordingBus(), RecordingBus(), asyncio.Event()
    live_bus.js.pull.messages.put_nowait(WorkMessage(b""))
    text = WorkMessage(b"")
    text_bus.js.pull.messages.put_nowait(text)

    async def slow(msg: Msg) -> None:
        await go.wait()

    async with working(live_bus, slow, Handler().give_up) as live:
        await until(lambda: live.full)
        texts = Worker(text_bus.bus, SETTINGS, Handler().handle, Handler().give_up, first=live)
        async with asyncio.TaskGroup() as group:
            group.create_task(texts.run())
            await asyncio.sleep(0.01)
            assert not text_bus.js.pull.asked.is_set() and text.settled == []
            go.set()
            await until(lambda: text.settled)
            texts.stop()


async def test_texts_are_not_put_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "GIVE_WAY_S", 0.01)
    monkeypatch.setattr(work, "GIVE_WAY_EVERY_S", 0.001)
    live_bus, text_bus, go = RecordingBus(), RecordingBus(), asyncio.Event()
    live_bus.js.pull.messages.put_nowait(WorkMessage(b""))
    text = WorkMessage(b"")
    text_bus.js.pull.messages.put_nowait(text)

    async def slow(msg: Msg) -> None:
        await go.wait()

    async with working(live_bus, slow, Handler().give_up) as live:
        await until(lambda: live.full)
        texts = Worker(text_bus.bus, SETTINGS, Handler().handle, Handler().give_up, first=live)
        async with asyncio.TaskGroup() as group:
            group.create_task(texts.run())
            await until(lambda: text.settled)
            texts.stop()
        go.set()


def test_a_span_says_how_long_the_work_lay_and_which_try_it_is() -> None:
    message = WorkMessage(b"", 2)
    message.metadata.timestamp = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=2)
    about = waited(message.msg)
    assert about["try"] == 2 and 2000 <= about["waited_ms"] < 10_000
    message.metadata.timestamp = None
    assert waited(message.msg)["waited_ms"] == 0


@pytest.mark.parametrize("told_by", ["reconnect", "no responders"])
async def test_a_worker_waits_for_a_consumer_that_the_bus_lost(
    told_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "FETCH_AGAIN_S", 0.001)
    monkeypatch.setattr(work, "LOOK_AGAIN_S", 0.05)
    bus, handler, first, second = RecordingBus(), Handler(), WorkMessage(b""), WorkMessage(b"")
    async with working(bus, handler.handle, handler.give_up) as worker:
        await until(bus.js.pull.asked.is_set)
        bus.js.consumer_lost = True
        bus.reconnects += told_by == "reconnect"
        bus.js.pull.messages.put_nowait(first if told_by == "reconnect" else ServiceUnavailableError())
        await until(lambda: not bus.js.consumer_lost)
        assert "not there yet" in (await worker.problem() or "")
        bus.js.pull.messages.put_nowait(second)
        await until(lambda: second.settled)
        assert await worker.problem() is None
