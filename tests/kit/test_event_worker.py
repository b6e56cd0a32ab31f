"""The base of translation and tts: final events in, results or failures out, dead letters, capabilities."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import event_worker, streams
from dragoman_kit.engine_process import EngineLost
from dragoman_kit.event_worker import EventWorker
from dragoman_kit.work import Poison
from tests.support.mesh_events import final, interim, translation
from tests.support.recording_bus import RecordingBus, WorkMessage, work

LANGUAGES = ("es-ES", "fr-FR")


class Echo(EventWorker[ev.Transcript]):
    """Notes what it was given; gives its page back as build."""

    service = "translation"
    live = streams.TRANSLATION
    texts = streams.TRANSLATION_TEXTS
    stage = ev.Stage.TRANSLATION
    product = "translation"
    takes = ev.Transcript

    def __init__(self, bus: RecordingBus) -> None:
        super().__init__(bus.bus, 1)
        self.taken: list[int] = []

    async def process(self, event: ev.Transcript, msg: Msg) -> None:
        self.taken.append(event.utterance)

    def languages(self, event: ev.Transcript) -> tuple[str, ...]:
        return LANGUAGES

    def capabilities(self, page: int = 0) -> rpc.CapabilitiesReply:
        return rpc.CapabilitiesReply(build=f"page {page}")


async def test_a_final_event_of_its_kind_is_processed() -> None:
    worker = Echo(RecordingBus())
    await worker._handle(work(final(3)).msg)
    assert worker.taken == [3]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (WorkMessage(b"\xff\xff"), "not an event"),
        (work(translation(1)), "not a final transcript"),
        (work(interim(1, 1)), "not a final transcript"),
    ],
)
async def test_anything_else_is_poison_and_is_told_to_nobody(message: WorkMessage, why: str) -> None:
    bus = RecordingBus()
    worker = Echo(bus)
    with pytest.raises(Poison, match=why):
        await worker._handle(message.msg)
    await worker._give_up(message.msg, why)
    assert (worker.taken, bus.stored, bus.dead) == ([], [], [])


async def test_no_engine_sees_a_control_character_whoever_published_the_work() -> None:
    worker, seen = Echo(RecordingBus()), []

    async def process(event: ev.Transcript, msg: Msg) -> None:
        seen.append((event.text, event.work.context, event.work.dictionary))

    worker.process = process  # type: ignore[method-assign]
    order = ev.WorkOrder(context="of\x00ships", dictionary=(ev.Term(source="a\x01", target="\x1bb"),))
    await worker._handle(work(replace(final(1), text="\x011A bon\x00jour\x9f", work=order)).msg)
    ((text, context, (term,)),) = seen
    assert not any(
        ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text + context + term.source + term.target
    )
    assert "bon" in text and "ships" in context and "b" in term.target


async def test_work_that_is_given_up_fails_in_every_language_and_is_put_aside() -> None:
    bus = RecordingBus()
    await Echo(bus)._give_up(work(final(4, epoch=2)).msg, "timeout")
    told = [event for event in bus.stored if isinstance(event, ev.Failure)]
    assert [(f.utterance, f.epoch, f.language, f.stage) for f in told] == [
        (4, 2, language, ev.Stage.TRANSLATION) for language in LANGUAGES
    ]
    assert {f.code for f in told} == {FaultCode.ENGINE_FAILED}
    assert {f.message for f in told} == {"translation failed (timeout)"}
    assert bus.dead == [("translation", final(4).session_id, "timeout")]


async def test_what_was_not_told_is_not_put_aside_either() -> None:
    bus = RecordingBus(failures=[MeshError(FaultCode.UNAVAILABLE, "")])
    with pytest.raises(MeshError):
        await Echo(bus)._give_up(work(final(1)).msg, "timeout")
    assert bus.dead == []


async def test_it_answers_for_its_capabilities_while_it_is_announced() -> None:
    bus = RecordingBus()
    worker = Echo(bus)
    subject = subjects.capabilities("translation")
    async with worker.announced():
        assert [s.pattern for s in bus.nc.subscriptions] == [subject, subjects.SESSIONS_OVER]
        asked = WorkMessage(codec.encode(rpc.CapabilitiesRequest(page=2)))
        await worker._tell(asked.msg)
        assert codec.decode(rpc.CapabilitiesReply, asked.answers[0]).build == "page 2"
    assert bus.nc.subscriptions == []


async def test_a_malformed_question_has_no_answer() -> None:
    asked = WorkMessage(b"\xff\xff")
    await Echo(RecordingBus())._tell(asked.msg)
    assert asked.answers == []


async def test_work_of_a_session_that_ended_is_not_begun() -> None:
    bus = RecordingBus()
    worker = Echo(bus)
    worker._ended.add(final(1).session_id)
    await worker._handle(work(final(1)).msg)
    assert (worker.taken, bus.stored) == ([], [])


async def test_work_that_waited_too_long_is_told_and_not_begun() -> None:
    bus = RecordingBus()
    worker = Echo(bus)
    late = work(replace(final(1), work=ev.WorkOrder(patience_ms=1000)))
    late.metadata.timestamp = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=2)
    await worker._handle(late.msg)
    told = [event for event in bus.stored if isinstance(event, ev.Failure)]
    assert worker.taken == [] and [f.language for f in told] == list(LANGUAGES)
    assert {f.code for f in told} == {FaultCode.TIMEOUT}


async def test_work_within_its_patience_is_done() -> None:
    worker = Echo(RecordingBus())
    await worker._handle(work(replace(final(1), work=ev.WorkOrder(patience_ms=60_000))).msg)
    assert worker.taken == [1]


async def test_what_takes_too_long_is_poison_and_never_tried_on_another_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_worker, "SHORTEST_S", 0.0)
    monkeypatch.setattr(event_worker, "CHARACTERS_PER_S", 1e6)
    worker = Echo(RecordingBus())
    worker.process = hang  # type: ignore[method-assign]
    with pytest.raises(Poison, match="too long"):
        await worker._handle(work(final(1)).msg)


async def test_what_took_too_long_because_the_bus_was_away_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_worker, "SHORTEST_S", 0.0)
    monkeypatch.setattr(event_worker, "CHARACTERS_PER_S", 1e6)
    bus = RecordingBus()
    worker = Echo(bus)

    async def away(event: ev.Transcript, msg: Msg) -> None:
        bus.reconnects += 1
        await hang(event, msg)

    worker.process = away  # type: ignore[method-assign]
    with pytest.raises(MeshError) as raised:
        await worker._handle(work(final(1)).msg)
    assert raised.value.code is FaultCode.UNAVAILABLE and bus.dead == []


async def test_time_in_which_the_worker_was_away_is_no_waiting() -> None:
    bus = RecordingBus(connected_ms=500)
    worker = Echo(bus)
    late = work(replace(final(1), work=ev.WorkOrder(patience_ms=1000)))
    late.metadata.timestamp = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=30)
    await worker._handle(late.msg)
    assert worker.taken == [1] and bus.stored == []


async def hang(event: ev.Transcript, msg: Msg) -> None:
    await asyncio.sleep(60)


def test_a_long_text_may_take_longer_up_to_a_limit() -> None:
    assert event_worker.time_limit_s("x" * 500) == 30
    assert event_worker.time_limit_s("x" * 10**6) == event_worker.LONGEST_S


@pytest.mark.parametrize("grouped", [False, True])
async def test_what_cost_an_engine_is_poison_and_never_tried_on_another_worker(grouped: bool) -> None:
    worker = Echo(RecordingBus())
    lost = EngineLost(FaultCode.TIMEOUT, "")

    async def lose(event: ev.Transcript, msg: Msg) -> None:
        raise ExceptionGroup("", [lost]) if grouped else lost

    worker.process = lose  # type: ignore[method-assign]
    with pytest.raises(Poison, match="cost its engine"):
        await worker._handle(work(final(1)).msg)


async def test_another_failure_is_tried_again() -> None:
    worker = Echo(RecordingBus())

    async def fail(event: ev.Transcript, msg: Msg) -> None:
        raise MeshError(FaultCode.ENGINE_FAILED, "")

    worker.process = fail  # type: ignore[method-assign]
    with pytest.raises(MeshError):
        await worker._handle(work(final(1)).msg)
