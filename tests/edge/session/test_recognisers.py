"""A session's recognisers: taken, adopted, watched by their heartbeats, replaced when they are lost."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import AudioFrame
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge.media.recogniser import LEAVE_WITHIN_S, MOST_UNSURE, RecogniserSession
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.resume.checkpoint import TrackCheckpoint
from dragoman_edge.session import recognisers as module
from dragoman_edge.session.context import Takeover
from dragoman_edge.session.recognisers import (
    REFUSED_TRIES_S,
    STANDSTILL_S,
    STAY_S,
    Recognisers,
)
from dragoman_edge.session.state import Move, Phase, SessionState
from tests.edge.resume.test_checkpoint import record
from tests.support.factories import edge_context
from tests.support.fake_bus import FakeMesh
from tests.support.mesh_events import correction, ended, feed, final
from tests.support.waiting import WAIT_S

REFUSED = PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "not that one")
FULL = MeshError(FaultCode.BUSY, "full")


class Fleet:
    """Recognisers of a session with two tracks at most, on a clock that the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tracks: int = 1) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.said: list[ev.State] = []
        self.recorded = 0
        self.controls: list[tuple[str, ev.Action]] = []
        self.frames: list[AudioFrame] = []
        self.asked: list[rpc.StartTrack] = []
        self.refusals: list[DragomanError] = []
        self.anyone = True
        self.only = ""  # the one recogniser that there is
        self.mesh = FakeMesh()
        context = edge_context(self.mesh, heartbeat_timeout_s=2.0)
        self.order = ReorderBuffer(tracks=range(tracks))
        self.state = SessionState(Phase.LIVE)
        monkeypatch.setattr(context.carrier, "control", self._control)
        monkeypatch.setattr(context.carrier, "put", lambda worker_id, frame: self.frames.append(frame))
        monkeypatch.setattr(RecogniserSession, "_allocate", self._allocate())
        self.made = Recognisers(
            context, "s_1", "whisper", self.order, self.state,
            lambda track: (rpc.RecogniserSpec(source_languages=track.source_languages), ev.WorkOrder()),
            self.said.append, self._record,
        )  # fmt: skip
        for track in range(tracks):
            self.made.add(ev.TrackSpec(track=track, source_languages=("en",)))

    async def _control(self, worker_id: str, session: str, track: int, message: rpc.TrackControl) -> None:
        self.controls.append((worker_id, message.action))

    def _allocate(self) -> Callable[..., Any]:
        async def allocate(
            link: RecogniserSession, request: rpc.StartTrack, anyone: bool
        ) -> rpc.TrackStarted:
            self.asked.append(request)
            self.anyone = anyone
            if self.refusals:
                raise self.refusals.pop(0)
            return rpc.TrackStarted(worker_id=self.only or f"w_{request.track}_{request.epoch}")

        return allocate

    async def _record(self) -> None:
        self.recorded += 1

    async def tick(self, seconds: float = 0.0) -> None:
        """Look after so many seconds, of which the process stood still in none."""
        while seconds > 0:
            step = min(0.5, seconds)
            self.now += step
            seconds -= step
            await self.made.tick()

    async def heartbeat(
        self, track: int = 0, epoch: int = 1, draining: bool = False, received: int = 0,
        at_rest: bool = True, relocate: bool = False,
    ) -> None:  # fmt: skip
        await self.made.on_heartbeat(
            ev.Heartbeat(
                session_id="s_1", track=track, epoch=epoch, worker_id=f"w_{track}_{epoch}",
                received_samples=received, covered_samples=0, draining=draining,
                at_rest=at_rest, relocate=relocate,
            )
        )  # fmt: skip

    @property
    def link(self) -> RecogniserSession:
        return self.made.links[0]

    def epochs(self) -> list[tuple[int, int]]:
        return [(request.track, request.epoch) for request in self.asked]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fleet]:
    return lambda **options: Fleet(monkeypatch, **options)


# Taking them


async def test_one_is_taken_for_each_track(make: Callable[..., Fleet]) -> None:
    fleet = make(tracks=2)
    await fleet.made.start()
    assert fleet.epochs() == [(0, 1), (1, 1)]


@pytest.mark.parametrize("why", ["the first", "one that stops", "one that is lost"])
async def test_a_heartbeat_that_outruns_the_answer_is_of_one_that_is_taken(
    make: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    fleet = make()
    allocate = RecogniserSession._allocate

    async def overtaken(link: RecogniserSession, request: rpc.StartTrack, anyone: bool) -> rpc.TrackStarted:
        await fleet.heartbeat(epoch=request.epoch)
        return await allocate(link, request, anyone)

    monkeypatch.setattr(RecogniserSession, "_allocate", overtaken)
    await fleet.made.start()
    if why == "one that stops":
        await fleet.heartbeat(draining=True)
        await fleet.tick(0.5)
    elif why == "one that is lost":
        await fleet.tick(2.0)
    epoch = 1 if why == "the first" else 2
    assert (fleet.link.epoch, fleet.link.worker_id) == (epoch, f"w_0_{epoch}")
    assert (f"w_0_{epoch}", ev.Action.CANCEL) not in fleet.controls


async def test_only_what_was_taken_is_released(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.release()
    assert not fleet.controls
    await fleet.made.start()
    await fleet.made.release()
    assert fleet.controls == [("w_0_1", ev.Action.CANCEL)]


async def test_a_track_joins_in_time_with_the_others(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.link.send(bytes(2 * 8000))
    await fleet.made.join(ev.TrackSpec(track=1, source_languages=("de",)))
    assert fleet.asked[-1].first_sample == 8000 and fleet.order.has(1)
    assert (fleet.made.end, fleet.made.end_ms) == (8000, 500)


async def test_a_track_for_which_there_is_none_does_not_join(make: Callable[..., Fleet]) -> None:
    fleet = make()
    fleet.refusals = [FULL]
    with pytest.raises(MeshError):
        await fleet.made.join(ev.TrackSpec(track=1))
    assert not fleet.order.has(1) and list(fleet.made.links) == [0]


async def test_without_a_track_nothing_was_heard(make: Callable[..., Fleet]) -> None:
    assert make(tracks=0).made.end == 0


# Adopting those of another edge


def takeover(*links: TrackCheckpoint, audio_from: int | None, near: Any = None) -> Takeover:
    taken = record().model_copy(update={"links": list(links)})
    return Takeover(taken, "s_1.x", DeliveryCounts(), audio_from, near or {})


def known(track: int = 0, end: int = 900, ended: bool = False) -> TrackCheckpoint:
    return TrackCheckpoint(track=track, epoch=3, worker_id=f"w_{track}", ended=ended, end=end)


async def test_the_recogniser_of_another_edge_goes_on(make: Callable[..., Fleet]) -> None:
    fleet = make()
    feed(fleet.order, final(1))  # covers 100 samples
    assert await fleet.made.adopt(takeover(known(), audio_from=1000)) == 1000
    assert (fleet.link.worker_id, fleet.link.epoch) == ("w_0", 3) and not fleet.asked
    assert (fleet.link.ring.end, fleet.frames[0].sample_offset) == (1000, 100)  # silence in between


async def test_a_client_that_does_not_count_sends_from_where_the_recogniser_is(
    make: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = make()
    adopting = asyncio.create_task(fleet.made.adopt(takeover(known(), audio_from=None)))
    await asyncio.sleep(0)
    await fleet.heartbeat(epoch=3, received=1200)
    assert await adopting == 1200


async def test_a_recogniser_that_says_nothing_in_time_is_where_it_was(
    make: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_WAIT_S", 0.01)
    assert await make().made.adopt(takeover(known(end=900), audio_from=None)) == 900


async def test_one_that_has_ended_is_not_waited_for_and_gets_nothing_more(make: Callable[..., Fleet]) -> None:
    fleet = make()
    assert await fleet.made.adopt(takeover(known(ended=True), audio_from=None)) == 0
    assert fleet.link.ended and not fleet.frames


async def test_a_link_of_the_same_edge_is_kept_with_its_audio(make: Callable[..., Fleet]) -> None:
    fleet, before = make(), make()
    await before.made.start()
    await before.link.send(bytes(2 * 500))
    begin = await fleet.made.adopt(takeover(known(), audio_from=300, near={0: before.link}))
    assert begin == 500 and fleet.link is before.link and fleet.link.ring.start == 0


# Heartbeats and finals


async def test_a_final_frees_the_audio_that_it_covers(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.link.send(bytes(2 * 100))
    await fleet.link.send(bytes(2 * 100))
    fleet.made.released(final(9, track=7))
    assert fleet.link.ring.start == 0
    fleet.made.released(final(1))
    assert fleet.link.ring.start == 100


async def test_the_next_recogniser_is_told_the_voices_so_far(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    early, late = (ev.Voice(speaker=1, print=bytes([n]), spoken_ms=900) for n in (1, 2))
    for voice in (early, late):
        fleet.made.released(replace(final(1), speaker=1, voice=voice))
    await fleet.link.start()
    assert fleet.link.asked is not None
    assert fleet.link.asked.voices == (late,)


async def test_the_next_recogniser_is_told_which_speakers_are_unsure(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    voice = ev.Voice(speaker=1, print=b"\x01", spoken_ms=500)
    for number in range(1, MOST_UNSURE + 3):
        fleet.made.released(replace(final(number), unsure=voice))
    fleet.made.released(correction(4))
    await fleet.link.start()
    assert fleet.link.asked is not None
    assert [one.utterance for one in fleet.link.asked.unsure] == [3, *range(5, MOST_UNSURE + 3)]
    assert fleet.link.asked.unsure[0].voice == voice


async def test_whoever_waits_hears_of_heartbeats_finals_and_the_end(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    for wakes in (lambda: fleet.made.released(final(1)), fleet.made.stop_waiting, fleet.heartbeat):
        waiting = asyncio.create_task(fleet.made.progress())
        await asyncio.sleep(0)
        assert not waiting.done()
        if (done := wakes()) is not None:
            await done
        async with asyncio.timeout(WAIT_S):
            await waiting


async def test_heartbeats_of_an_older_epoch_and_of_no_track_say_nothing(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.link.start()
    fleet.now += 1
    await fleet.heartbeat(epoch=1)
    await fleet.heartbeat(track=5)
    assert fleet.link.heartbeat_at == 100.0 and not fleet.controls


# Watching them


async def test_one_that_heartbeats_is_left_alone(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    for _ in range(5):
        await fleet.tick(1.5)
        await fleet.heartbeat()
    assert fleet.epochs() == [(0, 1)] and not fleet.said


async def test_one_that_is_silent_is_replaced_and_the_client_hears_of_it(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    feed(fleet.order, final(1))
    await fleet.tick(1.5)
    assert not fleet.said
    await fleet.tick(0.5)
    assert fleet.said == [ev.State.RECOVERING, ev.State.CONNECTED]
    assert (fleet.asked[-1].epoch, fleet.asked[-1].first_utterance, fleet.asked[-1].first_sample) == (
        2,
        2,
        100,
    )
    assert ("w_0_1", ev.Action.CANCEL) in fleet.controls and fleet.recorded == 2
    assert feed(fleet.order, final(2)) == []  # of the lost one's epoch
    assert feed(fleet.order, final(2, epoch=2)) == [final(2, epoch=2)]


async def test_audio_that_cost_three_is_not_given_to_a_fourth(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.link.send(bytes(3200))
    given = []
    for epoch in (2, 3, 4):
        fleet.frames.clear()
        await fleet.tick(2.5)
        assert fleet.asked[-1].epoch == epoch
        given.append(sum(len(frame.pcm) for frame in fleet.frames))
        await fleet.heartbeat(epoch=epoch, at_rest=False)
    assert given == [3200, 3200, 0] and fleet.asked[-1].first_sample == 1600
    await fleet.link.send(bytes(3200))
    await fleet.tick(2.5)
    assert fleet.asked[-1].first_sample == 1600, "what comes behind it is heard again"


async def test_one_that_is_slow_gets_more_time_and_its_audio_is_never_left_out(
    make: Callable[..., Fleet],
) -> None:
    fleet = make()
    fleet.only = "w_0_1"
    await fleet.made.start()
    await fleet.heartbeat(at_rest=False)
    await fleet.link.send(bytes(2 * 8000))
    await fleet.tick(60.0)
    assert {request.first_sample for request in fleet.asked} == {0}, "nothing was left out"
    lost = len(fleet.asked)
    assert lost <= 7, "after 2, 4, 8, 16, 16 and 16 s"
    fleet.made.released(final(1, epoch=lost))
    await fleet.tick(2.5)
    assert len(fleet.asked) == lost + 1


async def test_it_is_told_once_that_one_is_looked_for(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.refusals = [FULL, REFUSED, FULL]
    await fleet.tick(4.0)
    assert fleet.said == [ev.State.RECOVERING, ev.State.CONNECTED] and len(fleet.asked) == 5
    await fleet.heartbeat(epoch=2)
    await fleet.tick(2.5)  # lost again: told again
    assert fleet.said[2:] == [ev.State.RECOVERING, ev.State.CONNECTED]


@pytest.mark.parametrize(
    ("refusal", "code", "tries_s"),
    [(FULL, FaultCode.BUSY, 45.0), (REFUSED, FaultCode.INTERNAL, REFUSED_TRIES_S)],
    ids=["full", "refused"],
)
async def test_without_a_successor_it_is_given_up_in_the_end(
    make: Callable[..., Fleet], refusal: DragomanError, code: FaultCode, tries_s: float
) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.refusals = [refusal] * 999
    with pytest.raises(MeshError) as lost:
        await fleet.tick(2.0 + tries_s + 0.5)
    assert lost.value.code is code
    assert fleet.now > 102.0 + tries_s


async def test_one_that_comes_back_is_taken_back_with_all_that_it_says(make: Callable[..., Fleet]) -> None:
    """The only recogniser was cut off for some seconds: there is no other, and it has lost nothing."""
    fleet = make()
    await fleet.made.start()
    fleet.refusals = [FULL] * 99
    await fleet.tick(5.0)
    assert fleet.said == [ev.State.RECOVERING]
    await fleet.heartbeat()
    await fleet.tick(0.5)
    assert fleet.said == [ev.State.RECOVERING, ev.State.CONNECTED] and fleet.link.epoch == 1
    assert feed(fleet.order, final(1)) == [final(1)]


@pytest.mark.parametrize("sign", ["heartbeat", "final"])
async def test_one_that_comes_back_while_another_is_asked_for_stays(
    make: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    fleet = make()
    await fleet.made.start()
    allocate = RecogniserSession._allocate

    async def slowly(link: RecogniserSession, request: rpc.StartTrack, anyone: bool) -> rpc.TrackStarted:
        if sign == "heartbeat":
            await fleet.heartbeat()
        else:
            feed(fleet.order, final(1))
        return await allocate(link, request, anyone)

    monkeypatch.setattr(RecogniserSession, "_allocate", slowly)
    await fleet.tick(2.0)
    assert (fleet.link.epoch, fleet.link.worker_id) == (1, "w_0_1")
    assert ("w_0_2", ev.Action.CANCEL) in fleet.controls and ("w_0_1", ev.Action.CANCEL) not in fleet.controls
    if sign == "heartbeat":
        await fleet.heartbeat(epoch=2)  # it has not heard yet that it was let go
        assert fleet.link.epoch == 1
        assert feed(fleet.order, final(1)) == [final(1)]
    assert feed(fleet.order, final(2)) == [final(2)]


async def test_a_successor_that_answered_too_late_is_taken_where_nobody_came_back(
    make: Callable[..., Fleet],
) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.refusals = [FULL] * 99
    await fleet.tick(2.0)
    await fleet.heartbeat(epoch=2)
    assert (fleet.link.epoch, fleet.link.worker_id) == (2, "w_0_2")


async def test_one_that_ended_as_it_was_told_is_not_missed(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.link.end()
    feed(fleet.order, ended(1))
    await fleet.tick(9)
    assert len(fleet.asked) == 1


@pytest.mark.parametrize("told", [True, False])
async def test_one_that_ended_unasked_or_said_nothing_of_it_is_replaced(
    make: Callable[..., Fleet], told: bool
) -> None:
    fleet = make()
    await fleet.made.start()
    if told:
        await fleet.link.end()
    else:
        feed(fleet.order, ended(1))
    await fleet.tick(2)
    assert len(fleet.asked) == 2


async def test_while_the_bus_is_away_nobody_is_lost(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.mesh.nc.is_connected = False
    await fleet.tick(9)
    fleet.mesh.nc.is_connected = True
    await fleet.tick(1.5)
    assert len(fleet.asked) == 1
    await fleet.tick(0.5)
    assert len(fleet.asked) == 2


async def test_a_process_that_stood_still_reads_the_heartbeats_first(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.now += 60
    await fleet.made.tick()
    assert len(fleet.asked) == 1
    await fleet.tick(STANDSTILL_S + 1)
    assert len(fleet.asked) == 2


async def test_one_that_is_about_to_stop_is_left_in_a_pause(
    make: Callable[..., Fleet],
) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.heartbeat(draining=True)
    await fleet.tick(0.5)
    assert fleet.epochs() == [(0, 1), (0, 2)] and not fleet.said


async def test_without_another_one_it_goes_on(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.refusals = [FULL]
    await fleet.heartbeat(draining=True)
    await fleet.tick(0.5)
    assert (fleet.link.epoch, len(fleet.asked)) == (1, 2)
    await fleet.tick(0.5)
    assert fleet.link.epoch == 2 and not fleet.said and LEAVE_WITHIN_S > 1


async def test_one_that_is_much_fuller_is_left_in_a_pause_for_one_of_the_least_busy(
    make: Callable[..., Fleet],
) -> None:
    fleet = make()
    await fleet.made.start()
    await fleet.heartbeat(relocate=True, at_rest=False)
    await fleet.tick(0.5)
    assert fleet.link.epoch == 1
    await fleet.heartbeat(relocate=True)
    await fleet.tick(0.5)
    assert fleet.link.epoch == 2 and not fleet.anyone and not fleet.said


async def test_where_nobody_has_room_it_stays_for_a_while(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.refusals = [FULL]
    for _ in range(3):
        await fleet.heartbeat(relocate=True)
        await fleet.tick(0.5)
    assert (fleet.link.epoch, len(fleet.asked)) == (1, 2)
    fleet.now += STAY_S
    await fleet.heartbeat(relocate=True)
    await fleet.made.tick()
    assert fleet.link.epoch == 2


async def test_no_utterance_is_open_when_no_track_has_one(make: Callable[..., Fleet]) -> None:
    fleet = make(tracks=2)
    await fleet.made.start()
    await fleet.heartbeat()
    assert not fleet.made.at_rest
    await fleet.heartbeat(1)
    assert fleet.made.at_rest
    await fleet.heartbeat(1, at_rest=False)
    assert not fleet.made.at_rest
    fleet.made.links[1].ended = True
    assert fleet.made.at_rest


async def test_a_session_that_is_elsewhere_by_now_takes_no_recogniser(make: Callable[..., Fleet]) -> None:
    fleet = make()
    await fleet.made.start()
    fleet.state.move(Move.HAND_OVER)
    await fleet.tick(3)
    assert len(fleet.asked) == 1 and fleet.said == [ev.State.RECOVERING]
    await fleet.heartbeat(draining=True)
    await fleet.tick(0.5)
    assert len(fleet.asked) == 1


async def test_the_last_update_is_told_again_to_all(make: Callable[..., Fleet]) -> None:
    fleet = make(tracks=2)
    await fleet.made.start()
    for link in fleet.made.links.values():
        await link.update(rpc.RecogniserSpec(), ev.WorkOrder())
    fleet.controls.clear()
    await fleet.made.resend_update()
    assert fleet.controls == [("w_0_1", ev.Action.UPDATE), ("w_1_1", ev.Action.UPDATE)]
