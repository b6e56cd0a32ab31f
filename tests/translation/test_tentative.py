"""Interims on a worker: the newest of each track, and none while finals need the engines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.js.errors import NotFoundError

from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus
from dragoman_kit.engine_process import EngineLost
from dragoman_kit.order_texts import StoredTexts
from dragoman_translation import tentative
from dragoman_translation.tentative import TentativeWork
from dragoman_translation.translate import Translation


class Engine:
    """Translates when it is let to, and remembers what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.let = asyncio.Event()
        self.let.set()
        self.error: MeshError | None = None

    async def translate(self, transcript: ev.Transcript, target: str) -> tuple[str, str]:
        self.asked.append((transcript.text, target))
        await self.let.wait()
        if self.error:
            raise self.error
        return transcript.text.upper(), "engine"


class Place:
    """A worker over a bus in memory."""

    def __init__(self) -> None:
        self.engine, self.busy = Engine(), False
        self.published: list[ev.Translation] = []
        self.callback: Any = None
        self.notes: dict[str, bytes] = {}
        self.nc = self.js = self

    async def subscribe(self, subject: str, queue: str, cb: Any) -> "Place":
        self.callback = cb
        return self

    async def drain(self) -> None:
        """The subscription's."""

    async def publish(self, subject: str, payload: bytes) -> None:
        """A note; those of before are not kept."""
        self.notes[subject] = payload

    async def flush(self, seconds: float) -> None:
        """All is there at once."""

    async def get_last_msg(self, stream: str, subject: str, direct: bool) -> SimpleNamespace:
        if subject not in self.notes:
            raise NotFoundError
        return SimpleNamespace(data=self.notes[subject])

    async def publish_event(self, event: ev.Translation) -> None:
        self.published.append(event)

    @asynccontextmanager
    async def working(self, at_once: int = 1) -> AsyncIterator[TentativeWork]:
        work = TentativeWork(
            cast(Bus, self),
            cast(Translation, self.engine),
            StoredTexts(cast(Bus, self)),
            lambda: self.busy,
            at_once,
        )
        async with work.listening():
            yield work


def interim(text: str, revision: int = 1, session: str = "s_1", **changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": session, "track": 0, "epoch": 1, "utterance": 1, "revision": revision, "final": False,
        "text": text, "language": "en", "start_ms": 0, "duration_ms": 0,
        "work": ev.WorkOrder(target_languages=("es", "fr")),
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


async def settled() -> None:
    for _ in range(60):
        await asyncio.sleep(0)


async def test_an_interim_is_translated_into_each_language_under_its_revision() -> None:
    place = Place()
    async with place.working() as work:
        work.take(interim("one", 3))
        await settled()
    assert [(e.language, e.text, e.revision, e.final) for e in place.published] == [
        ("es", "ONE", 3, False), ("fr", "ONE", 3, False),
    ]  # fmt: skip


async def test_the_newest_of_a_track_takes_the_place_of_the_others() -> None:
    place = Place()
    place.engine.let.clear()
    async with place.working() as work:
        work.take(interim("one", 1))
        await settled()
        for revision in (3, 4, 2):
            work.take(interim(f"one {revision}", revision))
        place.engine.let.set()
        await settled()
    assert [e.text for e in place.published] == [
        "ONE",
        "ONE 4",
        "ONE 4",
    ]


async def test_a_final_overtakes_what_waits_and_what_is_left_of_it() -> None:
    place = Place()
    place.engine.let.clear()
    async with place.working() as work:
        work.take(interim("one", 1))
        work.take(interim("other", 1, session="s_2"))
        await settled()
        work.overtaken(interim("one.", 2, final=True))
        work.overtaken(interim("other.", 2, session="s_2", final=True))
        place.engine.let.set()
        await settled()
        work.take(replace(interim("two", 1), utterance=2))
        await settled()
    assert [e.text for e in place.published] == ["ONE", "TWO", "TWO"]


async def test_interims_give_way_to_finals_and_to_their_age(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place()
    place.busy = True
    async with place.working() as work:
        work.take(interim("one"))
        await settled()
        place.busy = False
        monkeypatch.setattr(tentative, "STALE_S", -1.0)
        work.take(interim("two", 2))
        await settled()
    assert not place.engine.asked


async def test_a_failure_is_silent_and_the_next_one_is_translated() -> None:
    place = Place()
    place.engine.error = MeshError(FaultCode.ENGINE_FAILED, "no")
    async with place.working() as work:
        work.take(interim("one", 1))
        await settled()
        place.engine.error = None
        work.take(interim("two", 2))
        await settled()
    assert [e.text for e in place.published] == ["TWO", "TWO"]


async def test_an_utterance_that_cost_a_worker_is_not_translated_by_the_next() -> None:
    dead, living = Place(), Place()
    dead.engine.let.clear()
    living.notes = dead.notes
    async with dead.working() as work, living.working() as other:
        work.take(interim("one", 1))  # and it is heard of no more
        await settled()
        other.take(interim("one two", 2))
        other.take(interim("other", 1, session="s_2"))
        await settled()
        assert [text for text, _ in living.engine.asked] == ["other", "other"]
        dead.engine.let.set()
        await settled()
        other.take(interim("one two three", 3))  # the worker was only slow
        await settled()
    assert [text for text, _ in living.engine.asked] == ["other", "other", "one two three", "one two three"]


async def test_an_utterance_that_cost_an_engine_costs_no_second_one() -> None:
    place = Place()
    place.engine.error = EngineLost(FaultCode.ENGINE_FAILED, "no")
    async with place.working() as work:
        work.take(interim("one", 1))
        await settled()
        place.engine.error = None
        work.take(interim("one two", 2))
        work.take(interim("other", 1, session="s_2"))
        await settled()
    assert [text for text, _ in place.engine.asked] == ["one", "other", "other"]
    assert place.notes[subjects.begun_tentative("s_1", 0, 1)] == b"1"


async def test_no_more_tracks_wait_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tentative, "MOST_WAITING", 2)
    place = Place()
    async with place.working() as work:
        for number in range(4):
            work.take(interim(str(number), session=f"s_{number}"))
            work.overtaken(interim("old", session=f"t_{number}", final=True))
        await settled()
    assert {e.text for e in place.published} == {"0", "1"}


async def test_it_can_be_switched_off() -> None:
    place = Place()
    async with place.working(at_once=0):
        assert place.callback is None


async def test_what_is_no_interim_is_not_looked_at() -> None:
    place = Place()
    async with place.working():
        for data in (b"\xff\xff", b""):
            await place.callback(type("Msg", (), {"data": data}))
        await settled()
    assert not place.engine.asked
