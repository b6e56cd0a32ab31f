"""Shared work: once each, again after a failure, given up in the end; on a real nats-server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from nats.aio.msg import Msg
from prometheus_client import REGISTRY

from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_contract.codec import decode_event
from dragoman_kit import streams
from dragoman_kit.begun_work import BegunWork
from dragoman_kit.bus import Bus
from dragoman_kit.settings import CommonSettings
from dragoman_kit.tasks import end
from dragoman_kit.work import Poison, Worker, WorkSettings
from tests.support.waiting import WAIT_S

SETTINGS = WorkSettings(
    consumer=replace(streams.TRANSLATION, ack_wait_s=1.0),
    concurrency=2,
    max_deliver=3,
    retry_delay_s=0.005,
)


def transcript(utterance: int) -> ev.Transcript:
    return ev.Transcript(
        session_id="s_1", track=0, epoch=1, utterance=utterance, revision=1, final=True,
        text="hello", language="en", start_ms=0, duration_ms=10,
    )  # fmt: skip


def number(msg: Msg) -> int:
    event = decode_event(msg.data)
    assert isinstance(event, ev.Transcript)
    return event.utterance


@asynccontextmanager
async def working(
    bus: Bus,
    handle: Callable[[Msg], Awaitable[None]],
    give_up: Callable[[Msg, str], Awaitable[None]],
) -> AsyncIterator[Worker]:
    worker = Worker(bus, SETTINGS, handle, give_up)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        yield worker
        worker.stop()


async def never(msg: Msg, reason: str) -> None:
    raise AssertionError(f"gave up: {reason}")


async def test_every_message_is_handled_once(bus: Bus) -> None:
    seen: asyncio.Queue[int] = asyncio.Queue()

    async def handle(msg: Msg) -> None:
        seen.put_nowait(number(msg))

    for n in range(1, 21):
        await bus.store_event(transcript(n))
    async with working(bus, handle, never):
        got = [await asyncio.wait_for(seen.get(), WAIT_S) for _ in range(20)]
    assert sorted(got) == list(range(1, 21))
    assert seen.empty()


async def test_a_worker_is_not_ready_before_its_consumer_is_there(bus: Bus) -> None:
    await bus.js.delete_stream(SETTINGS.consumer.stream)
    worked = asyncio.Event()

    async def handle(msg: Msg) -> None:
        worked.set()

    async with working(bus, handle, never) as worker:
        async with asyncio.timeout(WAIT_S):
            while "not there yet" not in (await worker.problem() or ""):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert missing() == 1
        await streams.ensure(bus.js, CommonSettings())
        await bus.store_event(transcript(1))
        await asyncio.wait_for(worked.wait(), WAIT_S)
        assert await worker.problem() is None
        assert missing() == 0


def missing() -> float | None:
    labels = {"consumer": SETTINGS.consumer.durable}
    return REGISTRY.get_sample_value("dragoman_work_consumer_missing", labels)


async def test_a_repeat_under_the_same_identity_is_stored_once(bus: Bus) -> None:
    for _ in range(3):
        await bus.store_event(transcript(1))
    info = await bus.js.stream_info(subjects.EVENTS_STREAM)
    assert info.state.messages == 1


async def test_failed_work_is_tried_again(bus: Bus) -> None:
    tries: asyncio.Queue[int] = asyncio.Queue()

    async def handle(msg: Msg) -> None:
        tries.put_nowait(msg.metadata.num_delivered or 0)
        if msg.metadata.num_delivered == 1:
            raise RuntimeError("first try fails")

    await bus.store_event(transcript(1))
    async with working(bus, handle, never):
        assert [await asyncio.wait_for(tries.get(), WAIT_S) for _ in range(2)] == [1, 2]


async def test_work_that_always_fails_is_given_up_after_its_tries(bus: Bus) -> None:
    given_up: asyncio.Queue[str] = asyncio.Queue()

    async def handle(msg: Msg) -> None:
        raise RuntimeError("always")

    async def give_up(msg: Msg, reason: str) -> None:
        given_up.put_nowait(f"{reason} after {msg.metadata.num_delivered}")

    await bus.store_event(transcript(1))
    async with working(bus, handle, give_up):
        assert await asyncio.wait_for(given_up.get(), WAIT_S) == "RuntimeError after 3"


async def test_work_whose_workers_never_came_back_is_given_up_after_the_second(bus: Bus) -> None:
    begun: asyncio.Queue[None] = asyncio.Queue()
    given_up: asyncio.Queue[str] = asyncio.Queue()

    async def handle(msg: Msg) -> None:
        begun.put_nowait(None)
        await asyncio.Event().wait()  # as a process that is gone: nothing more is heard of the work

    async def give_up(msg: Msg, reason: str) -> None:
        given_up.put_nowait(reason)

    await bus.store_event(transcript(1))
    patient = replace(SETTINGS, handler_timeout_s=120, max_deliver=20)
    dead = [Worker(bus, patient, handle, give_up, begun=BegunWork(bus)) for _ in range(2)]
    for worker in dead:
        worker._keep_alive = nothing  # type: ignore[method-assign]
    last = Worker(bus, patient, handle, give_up, begun=BegunWork(bus))
    running: list[asyncio.Task[None]] = []
    try:
        for worker in dead:
            running.append(asyncio.create_task(worker.run()))
            await asyncio.wait_for(begun.get(), WAIT_S)
            worker.stop()
        running.append(asyncio.create_task(last.run()))
        assert await asyncio.wait_for(given_up.get(), WAIT_S) == "ended its workers"
        assert begun.empty()
    finally:
        await end(*running)


async def nothing(msg: Msg) -> None:
    """Say nothing of it."""


async def test_poison_is_given_up_at_once(bus: Bus) -> None:
    given_up: asyncio.Queue[str] = asyncio.Queue()

    async def handle(msg: Msg) -> None:
        raise Poison("not a transcript")

    async def give_up(msg: Msg, reason: str) -> None:
        given_up.put_nowait(f"{reason} after {msg.metadata.num_delivered}")

    await bus.store_event(transcript(1))
    async with working(bus, handle, give_up):
        assert await asyncio.wait_for(given_up.get(), WAIT_S) == "not a transcript after 1"


async def test_stopping_finishes_what_is_in_hand(bus: Bus) -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def handle(msg: Msg) -> None:
        begun.set()
        await asyncio.sleep(0.1)
        finished.set()

    await bus.store_event(transcript(1))
    async with working(bus, handle, never):
        await asyncio.wait_for(begun.wait(), WAIT_S)
    assert finished.is_set()


async def test_work_goes_on_when_the_server_has_lost_its_streams(bus: Bus) -> None:
    seen: asyncio.Queue[int] = asyncio.Queue()

    async def handle(msg: Msg) -> None:
        seen.put_nowait(number(msg))

    async with working(bus, handle, never) as worker:
        await bus.store_event(transcript(1))
        assert await asyncio.wait_for(seen.get(), WAIT_S) == 1
        await bus.js.delete_stream(SETTINGS.consumer.stream)
        await streams.ensure(bus.js, CommonSettings())
        await bus.store_event(transcript(2))
        assert await asyncio.wait_for(seen.get(), WAIT_S) == 2
        assert await worker.problem() is None


async def test_who_has_one_piece_of_work_does_not_wait_for_all_of_anothers(bus: Bus) -> None:
    done: list[str] = []
    all_taken = asyncio.Event()

    def owner(msg: Msg) -> str:
        return "b" if number(msg) == 31 else "a"

    async def handle(msg: Msg) -> None:
        await all_taken.wait()
        done.append(owner(msg))

    for n in range(1, 32):
        await bus.store_event(transcript(n))
    worker, consumer = Worker(bus, SETTINGS, handle, never, owner=owner, alone=2), SETTINGS.consumer
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        async with asyncio.timeout(WAIT_S):
            while (await bus.js.consumer_info(consumer.stream, consumer.durable)).num_pending:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            all_taken.set()
            while len(done) < 31:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        worker.stop()
    assert done.index("b") < 8
