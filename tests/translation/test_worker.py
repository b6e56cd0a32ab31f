"""The worker on a real nats-server and real Apertium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_kit.bus import Bus
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.translate import Translation
from dragoman_translation.worker import TranslationWorker
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration


def transcript(utterance: int, text: str = "The house is white.", **changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": utterance, "revision": 1, "final": True,
        "text": text, "language": "en-US", "start_ms": 0, "duration_ms": 900,
        "work": ev.WorkOrder(target_languages=("es-ES", "fr-FR")),
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


@asynccontextmanager
async def listening(bus: Bus) -> AsyncIterator["asyncio.Queue[ev.Event]"]:
    """What the session's edge would hear, but the transcripts."""
    heard: asyncio.Queue[ev.Event] = asyncio.Queue()

    async def on_message(msg: Any) -> None:
        event = codec.decode_event(msg.data)
        if not isinstance(event, ev.Transcript):
            heard.put_nowait(event)

    subscription = await bus.nc.subscribe(subjects.session_events("s_1"), cb=on_message)
    yield heard
    await subscription.unsubscribe()


@asynccontextmanager
async def working(bus: Bus, count: int = 1) -> AsyncIterator[list[TranslationWorker]]:
    """Workers that share the consumer."""
    engines = [Apertium() for _ in range(count)]
    workers = [TranslationWorker(bus, Translation({"apertium": e}), 2, "test") for e in engines]
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.work.run())
        yield workers
        for worker in workers:
            worker.work.stop()
    for engine in engines:
        await engine.close()


async def results(heard: "asyncio.Queue[ev.Event]", count: int) -> list[Any]:
    return [await asyncio.wait_for(heard.get(), WAIT_S) for _ in range(count)]


async def stored(bus: Bus, subject: str) -> int:
    info = await bus.js.stream_info(subjects.EVENTS_STREAM, subjects_filter=subject)
    return sum((info.state.subjects or {}).values())


async def test_one_transcript_becomes_one_translation_for_each_language(bus: Bus) -> None:
    async with listening(bus) as heard, working(bus):
        await bus.store_event(transcript(1))
        first, second = await results(heard, 2)
    assert {first.language, second.language} == {"es-ES", "fr-FR"}
    assert (first.utterance, first.source_text, first.final) == (1, "The house is white.", True)
    assert first.work == transcript(1).work


async def test_work_that_comes_twice_is_published_once(bus: Bus) -> None:
    async with listening(bus) as heard, working(bus):
        await bus.store_event(transcript(1))
        await results(heard, 2)
        # The same transcript under another id: what a redelivery after a crash looks like.
        await bus.store(subjects.event(transcript(1)), codec.encode_event(transcript(1)), "again")
        await bus.store_event(transcript(2))
        await results(heard, 4)
    assert await stored(bus, f"{subjects.ROOT}.event.s_1.final.0.translation.>") == 4


async def test_two_workers_share_the_work(bus: Bus) -> None:
    async with listening(bus) as heard, working(bus, 2):
        for number in range(1, 21):
            await bus.store_event(transcript(number, f"The house number {number} is white."))
        got = await results(heard, 40)
    assert sorted((e.utterance, e.language) for e in got) == sorted(
        (n, language) for n in range(1, 21) for language in ("es-ES", "fr-FR")
    )
    assert heard.empty()


async def test_a_language_nobody_can_is_a_failure_and_does_not_stop_the_others(bus: Bus) -> None:
    order = ev.WorkOrder(target_languages=("tlh", "es-ES"))
    async with listening(bus) as heard, working(bus):
        await bus.store_event(transcript(1, work=order))
        failure, translation = await results(heard, 2)
    assert (failure.stage, failure.language) == (ev.Stage.TRANSLATION, "tlh")
    assert failure.code == FaultCode.UNSUPPORTED_LANGUAGE
    assert translation.language == "es-ES"


async def test_a_message_that_is_no_transcript_is_put_away(bus: Bus) -> None:
    async with listening(bus) as heard, working(bus):
        await bus.store(f"{subjects.ROOT}.event.s_1.final.0.transcript", b"\xff\xff", "bad")
        await bus.store_event(transcript(2))
        assert {e.utterance for e in await results(heard, 2)} == {2}
    consumer = await bus.js.consumer_info(subjects.EVENTS_STREAM, subjects.TRANSLATION_LIVE)
    assert consumer.num_ack_pending == 0


async def test_the_worker_says_what_it_can(bus: Bus) -> None:
    worker = TranslationWorker(bus, Translation({"apertium": Apertium()}), 1, "build-7")
    reply = worker.capabilities()
    french = next(pair for pair in reply.pairs if (pair.source, pair.target) == ("en", "fr"))
    assert french.chain == "apertium:en-es+apertium:es-fr"
    assert 40 < french.quality < 60
    assert not french.english and french.heeds == ()
    assert reply.build == "build-7"
    assert reply.pages == 1 and worker.capabilities(1).pairs == ()


class ManyPairs(Translation):
    """Serves as many languages as the largest models do, by the longest chains."""

    def pairs(self) -> tuple[rpc.LanguagePair, ...]:
        tags = [first + second for first in "abcdefghijklmn" for second in "abcdefghijklmn"]
        chain = "bergamot:en-pt+apertium:pt-es+ctranslate2:es-ast"
        return tuple(
            rpc.LanguagePair(source=s, target=t, chain=chain, quality=45.0, heeds=("context", "label"))
            for s in tags
            for t in tags
            if s != t
        )


async def test_the_pairs_of_two_hundred_languages_come_in_pages_that_the_bus_can_carry(bus: Bus) -> None:
    worker = TranslationWorker(bus, ManyPairs({}), 1, "build-7")
    pages = worker.capabilities().pages
    replies = [worker.capabilities(page) for page in range(pages)]
    assert max(len(codec.encode(reply)) for reply in replies) < bus.nc.max_payload / 2
    assert len({(p.source, p.target) for reply in replies for p in reply.pairs}) == 196 * 195
    assert worker.capabilities(pages).pairs == ()
