"""A kept session's records: in order, each once, never waited for; what is lost is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.model.commands import JOBS
from dragoman_edge.model.events import Kept, KeptLater, NotKept, NotSummarised, Summarised
from dragoman_edge.session import keeping as module
from dragoman_edge.session.keeping import Keeping
from dragoman_edge.session.recording import Recording
from dragoman_kit.bus import Bus
from dragoman_kit.tasks import end
from tests.support.factories import grant, spec
from tests.support.mesh_events import final, interim, rough, translation
from tests.support.recording_bus import until


class Stream:
    """The archive's stream; while it is `away` it takes nothing."""

    def __init__(self) -> None:
        self.away = False
        self.records: list[rpc.KeptRecord] = []
        self.ids: list[str] = []

    async def store(self, subject: str, payload: bytes, identity: str) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise MeshError(FaultCode.UNAVAILABLE)
        assert subject == subjects.kept("s_1")
        self.records.append(codec.decode(rpc.KeptRecord, payload))
        self.ids.append(identity.removeprefix("s_1.kept."))


class KeptSession:
    """A session that is kept for 30 days."""

    def __init__(self, *, begun_before: bool = False, pending: list[str] | None = None) -> None:
        self.stream = Stream()
        self.told: list[module.Told] = []
        self.answers: list[rpc.TaskStoredReply | MeshError] = []
        self.concluded: list[str] = []
        self.summaries: list[rpc.Summary | None] = []
        tracks = (ev.TrackSpec(speaker="agent", source_languages=("en",), target_languages=("es", "fr")),)
        self.spec = spec(tracks=tracks, reference_id="r_1")
        self.keeping = Keeping(
            cast(Bus, self.stream), cast(Archive, self), grant(keep_days=30), 77, lambda: self.spec,
            lambda: 1500, self.told.append, begun_before, pending or [],
        )  # fmt: skip

    async def ask(self, request: rpc.ArchiveRequest) -> rpc.ArchiveReply:
        """As the archive, which has everything unless `answers` say otherwise."""
        if isinstance(request, rpc.GetSummaryRequest):
            return rpc.GetSummaryReply(summary=self.summaries.pop(0) if self.summaries else None)
        assert request == rpc.TaskStoredRequest(account_id=grant().account_id, task_id="s_1")
        answer = self.answers.pop(0) if self.answers else rpc.TaskStoredReply(ended=True)
        if isinstance(answer, MeshError):
            raise answer
        return answer

    def conclude(self) -> None:
        self.keeping.conclude("ended", lambda: self.concluded.append(self.stream.ids[-1]))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Keeping]:
        run = asyncio.create_task(self.keeping.run())
        try:
            yield self.keeping
        finally:
            await end(run)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.001)
    monkeypatch.setattr(module, "END_S", 0.05)
    monkeypatch.setattr(module, "CONCLUDE_S", 0.1)
    monkeypatch.setattr(module, "CONFIRM_S", (0.001,) * 5)
    monkeypatch.setattr(module, "SUMMARY_S", (0.001,) * 5)


async def test_a_session_is_kept_from_its_begin_to_its_end_in_order() -> None:
    kept = KeptSession()
    async with kept.running() as keeping:
        keeping.begin()
        keeping.released(final(1))
        keeping.released(translation(1))
        await until(lambda: len(kept.stream.records) == 3)
    await keeping.end("closed")
    assert kept.stream.ids == ["begun", "0.1", "0.1.es", "ended"]
    begun, said, made, ended = kept.stream.records
    assert begun.begun == rpc.TaskBegun(
        dialect=kept.spec.dialect, reference_id="r_1", source_languages=("en",),
        target_languages=("es", "fr"),
    )  # fmt: skip
    assert said.sentence is not None and said.sentence.speaker == "agent" and said.sentence.text
    assert made.translation is not None and made.translation.text
    assert ended.ended is not None and ended.ended == rpc.TaskEnded(
        reason="closed", at_ms=ended.ended.at_ms, unkept=0, heard_ms=1500
    )
    assert {(one.account_id, one.started_at_ms, one.days) for one in kept.stream.records} == {
        (grant().account_id, 77, 30)
    }


async def test_neither_interims_nor_texts_beside_the_speech_are_kept() -> None:
    kept = KeptSession()
    others: list[ev.Event] = [
        interim(1, 1),
        rough(1, 1),
        replace(translation(1), track=JOBS),
        replace(final(1), text=""),
        ev.Status(session_id="s_1", state=ev.State.CONNECTED),
    ]
    for event in others:
        kept.keeping.released(event)
    assert kept.keeping.snapshot() == []


async def test_an_outage_is_waited_out() -> None:
    kept = KeptSession()
    kept.stream.away = True
    async with kept.running() as keeping:
        keeping.begin()
        keeping.released(final(1))
        await asyncio.sleep(0.01)
        assert kept.stream.records == [] and len(keeping.snapshot()) == 2
        kept.stream.away = False
        await until(lambda: len(kept.stream.records) == 2)
        assert keeping.snapshot() == [] and kept.told == []


async def test_a_full_queue_is_told_once_and_counted_in_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PENDING_BYTES", 1000)
    kept = KeptSession()
    kept.stream.away = True
    kept.keeping.begin()
    for number in range(1, 21):
        kept.keeping.released(final(number))
    waiting = len(kept.keeping.snapshot())
    assert 1 < waiting < 10 and kept.told == [NotKept(1)]
    kept.stream.away = False
    await kept.keeping.end("closed")
    assert len(kept.stream.records) == waiting + 1
    ended = kept.stream.records[-1].ended
    assert ended is not None and ended.unkept == 21 - waiting


async def test_after_an_outage_a_full_queue_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PENDING_BYTES", 1000)
    kept = KeptSession()
    async with kept.running() as keeping:
        for begin in (1, 21):
            for number in range(begin, begin + 20):
                keeping.released(final(number))
            await until(lambda: keeping.snapshot() == [])
    first, second = kept.told
    assert isinstance(first, NotKept) and isinstance(second, NotKept) and second.records > first.records


async def test_another_edge_stores_what_this_one_had_not(monkeypatch: pytest.MonkeyPatch) -> None:
    first = KeptSession()
    first.keeping.begin()
    first.keeping.released(final(1))
    second = KeptSession(begun_before=True, pending=first.keeping.snapshot())
    async with second.running() as keeping:
        keeping.begin()
        keeping.released(final(2))
        await until(lambda: len(second.stream.records) == 3)
    assert second.stream.ids == ["begun", "0.1", "0.2"]


async def test_the_end_does_not_wait_for_ever() -> None:
    kept = KeptSession()
    kept.keeping.begin()
    kept.stream.away = True
    await kept.keeping.end("closed")
    assert kept.stream.records == []


async def test_a_session_that_did_not_begin_leaves_no_task() -> None:
    kept = KeptSession()
    await kept.keeping.end("not_begun")
    assert kept.stream.records == []


async def test_a_session_is_over_when_the_archive_has_it_and_its_end_is_stored_once() -> None:
    kept = KeptSession()
    kept.answers = [rpc.TaskStoredReply(), MeshError(FaultCode.UNAVAILABLE)]
    async with kept.running() as keeping:
        keeping.begin()
        keeping.released(final(1))
        kept.conclude()
        kept.conclude()  # results are complete more than once
        assert kept.concluded == []
        await until(lambda: kept.concluded)
    await keeping.end("ended")
    assert kept.concluded == ["ended"] and kept.told == [Kept()]
    assert kept.stream.ids == ["begun", "0.1", "ended"]


@pytest.mark.parametrize("away", ["bus", "archive"])
async def test_a_session_ends_without_an_archive_and_is_told_so(away: str) -> None:
    kept = KeptSession()
    kept.answers = [rpc.TaskStoredReply()] * 5
    async with kept.running() as keeping:
        keeping.begin()
        await until(lambda: keeping.snapshot() == [])
        kept.stream.away = away == "bus"
        kept.conclude()
        await until(lambda: kept.concluded)
    assert kept.told == [KeptLater()]


async def test_a_session_that_did_not_begin_is_over_at_once() -> None:
    kept = KeptSession()
    kept.keeping.conclude("ended", lambda: kept.concluded.append("over"))
    assert kept.concluded == ["over"] and kept.stream.records == []


SUMMARY = rpc.Summary(id="sum_1", state="done")
SUMMARIES: list[tuple[list[rpc.Summary | None], module.Told]] = [
    ([None, replace(SUMMARY, state="wanted"), SUMMARY], Summarised(SUMMARY)),
    ([replace(SUMMARY, state="failed", error="summary_failed")], NotSummarised("summary_failed")),
    ([replace(SUMMARY, state="wanted")] * 9, NotSummarised("summary_timeout")),
]


@pytest.mark.parametrize(("summaries", "told"), SUMMARIES)
async def test_a_summary_that_was_wished_for_is_told_before_the_end(
    summaries: list[rpc.Summary | None], told: module.Told
) -> None:
    kept = KeptSession()
    wish = ev.SummaryWish(mode="builtin", template="meeting")
    kept.spec = replace(kept.spec, keep=ev.Keep(text=True, summary=wish))
    kept.summaries = list(summaries)
    async with kept.running() as keeping:
        keeping.begin()
        kept.conclude()
        await until(lambda: kept.concluded)
    assert kept.told == [Kept(), told]
    assert kept.stream.records[0].begun is not None and kept.stream.records[0].begun.summary == wish


@pytest.mark.parametrize(
    ("own", "told"), [("https://s.example/", "https://s.example/"), ("", "https://k.example/")]
)
async def test_the_address_of_the_session_goes_before_that_of_its_key(own: str, told: str) -> None:
    kept = KeptSession()
    kept.spec = replace(kept.spec, keep=ev.Keep(text=True, callback_url=own, callback_topics=("ended",)))
    kept.keeping._grant = grant(keep_days=30, webhook_url="https://k.example/")
    kept.keeping.begin()
    await kept.keeping.end("closed")
    begun = kept.stream.records[0].begun
    assert begun is not None and (begun.callback_url, begun.callback_topics) == (told, ("ended",))


async def test_the_end_says_how_many_pieces_the_recording_has() -> None:
    kept = KeptSession()
    kept.keeping._recording = cast(Recording, SimpleNamespace(sent=7))
    kept.keeping.begin()
    await kept.keeping.end("closed")
    ended = kept.stream.records[-1].ended
    assert ended is not None and ended.audio_pieces == 7
