"""A worker takes tracks while it has room, feeds them, and gives them back when it stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.audio import AudioFrame, encode_frame
from dragoman_contract.errors import FaultCode
from dragoman_scripted.engines import LoudnessActivity, ScriptedRecogniser
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt import worker as module
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings
from dragoman_stt.track import Track
from dragoman_stt.worker import SttWorker
from tests.support.recording_bus import RecordingBus, WorkMessage, until
from tests.support.waiting import WAIT_S

SILENCE = bytes(2 * 16_000)


class Desk:
    """A worker and its bus."""

    def __init__(self, capacity: int = 2) -> None:
        self.bus = RecordingBus()
        engine = ScriptedRecogniser()
        self.scheduler = Scheduler(engine, 1, 5.0)
        settings = SttSettings(capacity=capacity, engine="scripted")
        self.worker = SttWorker(
            self.bus.bus, engine, self.scheduler, LoudnessActivity(), None, settings, "w_1", "7"
        )

    def groups(self) -> set[str]:
        return {
            s.pattern for s in self.bus.nc.subscriptions if ".allocate." in s.pattern or ".any." in s.pattern
        }

    async def allocate(self, session: str = "s_1", epoch: int = 1, **spec: Any) -> rpc.TrackStarted:
        start = rpc.StartTrack(
            session_id=session, track=0, epoch=epoch, first_utterance=1, first_sample=0,
            spec=rpc.RecogniserSpec(**{"source_languages": ("en",), **spec}),
        )  # fmt: skip
        message = WorkMessage(codec.encode(start))
        await self.worker._on_allocate(message.msg)
        return codec.decode(rpc.TrackStarted, message.answers[0])

    async def audio(self, pcm: bytes, session: str = "s_1", offset: int = 0) -> None:
        frames = b"".join(
            encode_frame(AudioFrame(session, 0, 1, 0, offset + begin // 2, pcm[begin : begin + 32_000]))
            for begin in range(0, len(pcm), 32_000)
        )
        message = WorkMessage(frames, subject=subjects.worker_audio("w_1"))
        await self.worker._on_track(message.msg)

    async def control(self, action: ev.Action, session: str = "s_1") -> None:
        body = codec.encode(rpc.TrackControl(action=action, epoch=1))
        await self.worker._on_track(WorkMessage(body, subject=subjects.track_control("w_1", session, 0)).msg)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    await made.worker.start()
    yield made
    await made.worker.drain(0)
    made.scheduler.close()


async def test_it_is_asked_for_tracks_under_its_engines_name_and_any(desk: Desk) -> None:
    wanted = {f(name) for f in (subjects.allocate, subjects.allocate_any) for name in ("default", "scripted")}
    assert desk.groups() == wanted
    await desk.allocate("s_1")
    started = await desk.allocate("s_2")
    assert (started.worker_id, started.engine, started.fault) == ("w_1", "scripted", None)
    assert desk.groups() == set()  # it is full
    refused = await desk.allocate("s_3")
    assert refused.fault is not None and refused.fault.code == FaultCode.BUSY
    assert desk.worker._tracks.keys() == {("s_1", 0), ("s_2", 0)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session": "a.b"}, FaultCode.BAD_REQUEST),
        ({"source_languages": ("tlh",)}, FaultCode.UNSUPPORTED_LANGUAGE),
        ({"denoise": True}, FaultCode.BUSY),
        ({"speakers": 2}, FaultCode.BUSY),
    ],
)
async def test_a_track_that_it_cannot_take_is_refused(
    desk: Desk, changes: dict[str, Any], code: FaultCode
) -> None:
    refused = await desk.allocate(**changes)
    assert refused.fault is not None and refused.fault.code == code


async def test_audio_and_control_reach_their_track_until_it_ends(desk: Desk) -> None:
    await desk.allocate()
    await desk.audio(words_to_pcm([1, 2]) + SILENCE)
    await desk.audio(SILENCE, session="s_9")  # of another worker
    await desk.control(ev.Action.END)
    await until(lambda: not desk.worker._tracks)
    (final,) = [event for event in desk.bus.stored if isinstance(event, ev.Transcript)]
    assert numbers(final.text) == [1, 2] and isinstance(desk.bus.stored[-1], ev.TrackEnded)


async def test_a_newer_epoch_takes_the_tracks_place_and_an_older_one_does_not(desk: Desk) -> None:
    await desk.allocate(epoch=2)
    (_, task) = desk.worker._tracks["s_1", 0]
    assert (await desk.allocate(epoch=1)).fault is not None
    assert (await desk.allocate(epoch=3)).fault is None
    assert desk.worker._tracks["s_1", 0][0].start.epoch == 3
    await until(task.done)


async def test_a_track_that_is_cancelled_before_it_runs_heartbeats_no_more(desk: Desk) -> None:
    await desk.allocate()
    desk.worker._tracks["s_1", 0][1].cancel()
    await until(lambda: not desk.worker._tracks)
    assert module.TRACKS._value.get() == 0
    assert (await desk.allocate()).fault is None


async def test_what_is_no_audio_and_no_control_changes_nothing(desk: Desk) -> None:
    before = module.MALFORMED._value.get()
    for subject in (
        subjects.worker_audio("w_1"),
        "dragoman.v1.track.w_1.x",
        subjects.track_control("w_1", "s", 0),
    ):
        await desk.worker._on_track(WorkMessage(b"\xff\xff", subject=subject).msg)
    await desk.worker._on_load(WorkMessage(b"\xff").msg)
    assert module.MALFORMED._value.get() == before + 3


async def test_a_track_that_falls_behind_or_breaks_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = module.LOST._value.get()
    await desk.allocate()
    await asyncio.sleep(0)  # the track runs
    desk.worker._tracks["s_1", 0][0]._limit = 10
    await desk.audio(SILENCE)
    await until(lambda: not desk.worker._tracks)

    async def broken(self: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(Track, "run", broken)
    await desk.allocate()
    await until(lambda: not desk.worker._tracks)
    assert module.LOST._value.get() == lost + 2


async def test_it_tells_what_it_can_and_how_much_it_has(desk: Desk) -> None:
    asked = WorkMessage(codec.encode(rpc.CapabilitiesRequest()))
    await desk.worker._on_capabilities(asked.msg)
    reply = codec.decode(rpc.CapabilitiesReply, asked.answers[0])
    assert "en" in reply.source_languages and (reply.features, reply.build) == ((), "7")
    loads: list[rpc.WorkerLoad] = []

    async def heard(subject: str, payload: bytes) -> None:
        if subject == subjects.WORKER_LOADS:
            loads.append(codec.decode(rpc.WorkerLoad, payload))

    desk.bus.nc.on_publish = heard
    await desk.allocate()
    assert loads[-1] == rpc.WorkerLoad(worker_id="w_1", tracks=1, room=True)


async def test_it_heartbeats_until_its_engine_hangs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.02)
    await desk.allocate()
    running = asyncio.create_task(desk.worker.run())
    await until(lambda: [event for event in desk.bus.published if isinstance(event, ev.Heartbeat)])
    assert not running.done()
    monkeypatch.setattr(Scheduler, "stuck", property(lambda self: True))
    await asyncio.wait_for(running, WAIT_S)


async def test_a_drain_leaves_the_groups_and_waits_for_the_tracks(desk: Desk) -> None:
    await desk.allocate()
    draining = asyncio.create_task(desk.worker.drain(5))
    await until(lambda: desk.groups() == set())
    assert not draining.done() and desk.worker._tracks["s_1", 0][0].heartbeat(True).draining
    await desk.control(ev.Action.CANCEL)
    await asyncio.wait_for(draining, WAIT_S)
    refused = await desk.allocate("s_2")
    assert refused.fault is not None and "stopping" in refused.fault.message
