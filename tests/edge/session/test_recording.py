"""A session's recording: never waited for, bounded, told, and gone on with by another edge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from nats.errors import TimeoutError as NatsTimeout
from nats.js.errors import APIError

from dragoman_contract import codec, rpc, subjects
from dragoman_edge.media.opus import FRAME, OpusThread
from dragoman_edge.model.events import AudioKept, AudioNotKept
from dragoman_edge.session import recording as module
from dragoman_edge.session.recording import FULL, Recording, Told
from dragoman_kit.tasks import end
from tests.support.audio_pieces import sound
from tests.support.factories import grant
from tests.support.recording_bus import until

MINUTE = sound(60).tobytes()


class Bus:
    """A stream; while `problem` is set it takes nothing."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.pieces: list[rpc.AudioPiece] = []
        self.heard: Any = None
        self.js = self
        self.nc = self

    async def publish(self, subject: str, payload: bytes, timeout: float, headers: dict[str, str]) -> None:  # noqa: ASYNC109
        await asyncio.sleep(0)
        if self.problem is not None:
            raise self.problem
        piece = codec.decode(rpc.AudioPiece, payload)
        assert subject == subjects.recording(grant().account_id)
        assert headers == {subjects.MESSAGE_ID_HEADER: subjects.recording_id(piece)}
        self.pieces.append(piece)

    async def subscribe(self, subject: str, cb: Any, pending_msgs_limit: int) -> Any:
        assert subject == subjects.recorded("s_1")
        self.heard = cb

        async def unsubscribe() -> None:
            self.heard = None

        return SimpleNamespace(unsubscribe=unsubscribe)

    async def notice(self, **what: Any) -> None:
        """The archive's word."""
        notice = rpc.AudioNotice(**{"track": 0, "index": 0, "frames": 80, **what})
        await self.heard(SimpleNamespace(data=codec.encode(notice)))


class Recorded:
    """A session that is recorded."""

    def __init__(self, before: dict[str, Any] | None = None) -> None:
        self.bus: Any = Bus()
        self.told: list[Told] = []
        kept = grant(keep_days=30, keep_audio=True)
        bus: Any = self.bus
        self.recording = Recording(bus, OpusThread(), kept, 77, self.told.append, before)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Recording]:
        run = asyncio.create_task(self.recording.run())
        await until(lambda: self.bus.heard is not None)
        try:
            yield self.recording
        finally:
            await end(run)

    def frames(self) -> list[int]:
        """The frames that the stream has, sorted."""
        return sorted(
            frame
            for piece in self.bus.pieces
            for frame in range(piece.start_frame, piece.start_frame + len(piece.packets))
        )


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.001)
    monkeypatch.setattr(module, "END_S", 5.0)


async def test_a_track_is_stored_piece_by_piece_to_its_last_sample() -> None:
    made = Recorded()
    async with made.running() as recording:
        recording.take(0, 0, MINUTE[: 12 * 32_000 + 10])
        recording.finish()
        recording.take(0, 99 * FRAME, MINUTE[:100])  # too late
        sent = recording.sent
        await until(lambda: made.bus.pieces and made.bus.pieces[-1].end_sample)
    assert made.frames() == list(range(201)) and made.bus.pieces[-1].end_sample == 12 * 16_000 + 5
    assert [piece.index for piece in made.bus.pieces] == list(range(len(made.bus.pieces)))
    assert {(piece.started_at_ms, piece.days) for piece in made.bus.pieces} == {(77, 30)}
    assert sent == made.recording.sent == len(made.bus.pieces)  # known before they are encoded


async def test_the_client_hears_what_the_archive_has() -> None:
    made = Recorded()
    async with made.running() as recording:
        recording.take(0, 0, MINUTE[: 6 * 32_000])
        recording.finish()
        await until(lambda: made.bus.pieces and made.bus.pieces[-1].end_sample)
        count = len(made.bus.pieces)
        assert not recording.stored(count - 1) and recording.stored(count)
        for index in range(count):
            await made.bus.notice(index=index)
        await made.bus.heard(SimpleNamespace(data=b"\xff"))
        assert recording.stored(0)  # without counting
    assert made.told == [AudioKept(0, index, 4800) for index in range(count)]


async def test_a_problem_is_told_once_until_it_is_over() -> None:
    made = Recorded()
    async with made.running():
        for problem in ("unavailable", "unavailable", "refused", ""):
            await made.bus.notice(problem=problem)
        await made.bus.notice(problem="refused")
    assert made.told == [
        AudioNotKept("unavailable"), AudioNotKept("refused"), AudioKept(0, 0, 4800), AudioNotKept("refused")
    ]  # fmt: skip


@pytest.mark.parametrize(("problem", "told"), [
    (APIError(code=503, err_code=FULL, description="maximum messages per subject exceeded"), "full"),
    (NatsTimeout(), "unavailable"),
])  # fmt: skip
async def test_a_stream_that_takes_nothing_is_waited_out(problem: Exception, told: str) -> None:
    made = Recorded()
    made.bus.problem = problem
    async with made.running() as recording:
        recording.take(0, 0, MINUTE[: 10 * 32_000])
        await until(lambda: made.told)
        made.bus.problem = None
        recording.finish()
        await until(lambda: made.bus.pieces and made.bus.pieces[-1].end_sample)
    assert made.told[0] == AudioNotKept(told) and made.frames() == list(range(167))


async def test_what_waits_is_bounded_and_the_new_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PENDING", 3)
    made = Recorded()
    made.bus.problem = NatsTimeout()
    async with made.running() as recording:
        for second in range(60):
            recording.take(0, second * 16_000, MINUTE[second * 32_000 : (second + 1) * 32_000])
            await until(lambda: not recording._cuts)
        await until(lambda: AudioNotKept("full") in made.told)
        made.bus.problem = None
        await until(lambda: len(made.bus.pieces) >= 3)
    assert made.frames()[:200] == list(range(200))  # the oldest are there


async def test_more_than_can_be_encoded_is_refused() -> None:
    made = Recorded()
    made.recording.take(0, 0, MINUTE)
    assert len(made.recording._cuts) == module.MOST_CUTS and made.told == [AudioNotKept("full")]


async def test_the_end_stores_what_is_left_or_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Recorded()
    made.recording.take(0, 0, MINUTE[: 3 * 32_000])
    await made.recording.end()
    assert made.frames() == list(range(51))
    monkeypatch.setattr(module, "END_S", 0.05)
    away = Recorded()
    away.bus.problem = NatsTimeout()
    away.recording.take(0, 0, MINUTE[: 3 * 32_000])
    await away.recording.end()
    assert away.bus.pieces == []


async def test_another_edge_goes_on_where_this_one_stopped() -> None:
    made, at = Recorded(), 7 * 16_000 + 123
    async with made.running() as recording:
        recording.take(0, 0, MINUTE[: 2 * at])
        recording.hand_over()
        snapshot = recording.snapshot()
    await made.recording.end()
    after = Recorded(snapshot)
    after.recording.take(0, at, MINUTE[2 * at : 20 * 32_000])
    await after.recording.end()
    before = made.frames()
    assert before == list(range(at // FRAME))
    assert after.frames() == list(range(at // FRAME, 334)) and after.bus.pieces[0].index == len(
        made.bus.pieces
    )


async def test_after_a_crash_another_edge_goes_on_from_what_was_stored() -> None:
    made = Recorded()
    async with made.running() as recording:
        recording.take(0, 0, MINUTE[: 11 * 32_000])
        await until(lambda: len(made.bus.pieces) >= 2)
        snapshot = recording.snapshot()
    last = made.bus.pieces[-1]
    assert snapshot["tracks"]["0"][0] == last.start_frame + len(last.packets)
    assert snapshot["pieces"] == last.index + 1
