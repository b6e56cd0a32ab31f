"""A track with and without noise suppression; its end, and a bus that takes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import AudioFrame
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_scripted.engines import LoudnessActivity, ScriptedRecogniser
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt import track as module
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.track import Track
from tests.support.recording_bus import RecordingBus
from tests.support.waiting import WAIT_S

SILENCE = bytes(2 * 16_000)
FIRST = 1000  # sample of the track's beginning here


class Silencer:
    """Takes everything away, one hop late."""

    hop = 160
    delay = 0

    def track(self) -> Callable[[NDArray[np.int16]], NDArray[np.int16]]:
        return np.zeros_like


def start(**spec: Any) -> rpc.StartTrack:
    return rpc.StartTrack(
        session_id="s_1", track=2, epoch=3, first_utterance=5, first_sample=FIRST,
        spec=rpc.RecogniserSpec(source_languages=("en",), interim=True, **spec),
        work=ev.WorkOrder(target_languages=("es",)),
    )  # fmt: skip


class Playing:
    """Feeds a running track."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.sent = FIRST
        self.task: asyncio.Task[None] | None = None

    def audio(self, pcm: bytes, epoch: int = 3) -> None:
        for begin in range(0, len(pcm), 32_000):
            piece = pcm[begin : begin + 32_000]
            self.track.put(AudioFrame("s_1", 2, epoch, 0, self.sent, piece))
            self.sent += len(piece) // 2

    def control(self, action: ev.Action, **more: Any) -> None:
        self.track.put(rpc.TrackControl(action=action, epoch=3, after_sample=self.sent, **more))


@asynccontextmanager
async def playing(
    bus: RecordingBus, *, idle_s: float = 60, backlog_s: float = 60, suppressor: Any = None, **spec: Any
) -> AsyncIterator[Playing]:
    engine = ScriptedRecogniser()
    scheduler = Scheduler(engine, 1, 5.0)
    made = Playing(
        Track(
            bus.bus, scheduler, LoudnessActivity(), suppressor, "w_1", start(**spec), backlog_s=backlog_s,
            idle_s=idle_s,
        )
    )  # fmt: skip
    try:
        yield made
    finally:
        scheduler.close()


def finals(bus: RecordingBus) -> list[ev.Transcript]:
    return [event for event in bus.stored if isinstance(event, ev.Transcript)]


async def test_speech_becomes_finals_and_the_end_says_which_was_the_last() -> None:
    bus = RecordingBus()
    async with playing(bus) as made:
        made.audio(words_to_pcm([1, 2, 3]) + SILENCE + words_to_pcm([4]) + SILENCE)
        made.control(ev.Action.END)
        await asyncio.wait_for(made.track.run(), WAIT_S)
    first, second = finals(bus)
    assert [numbers(final.text) for final in (first, second)] == [[1, 2, 3], [4]]
    assert (first.session_id, first.track, first.epoch, first.utterance) == ("s_1", 2, 3, 5)
    assert first.work.target_languages == ("es",) and second.preceding == first.text
    ended = bus.stored[-1]
    assert isinstance(ended, ev.TrackEnded) and ended.last_utterance == 6


async def test_noise_is_taken_out_where_it_is_wanted() -> None:
    for wanted, count in ((True, 0), (False, 1)):
        bus = RecordingBus()
        async with playing(bus, suppressor=Silencer(), denoise=wanted) as made:
            made.audio(words_to_pcm([1]) + SILENCE)
            made.control(ev.Action.END)
            await asyncio.wait_for(made.track.run(), WAIT_S)
        assert len(finals(bus)) == count


async def test_noise_suppression_may_begin_in_the_middle() -> None:
    bus = RecordingBus()
    async with playing(bus, suppressor=Silencer()) as made:
        made.audio(words_to_pcm([1]) + SILENCE)
        made.control(ev.Action.UPDATE, spec=rpc.RecogniserSpec(source_languages=("en",), denoise=True))
        made.audio(words_to_pcm([2]) + SILENCE)
        made.control(ev.Action.END)
        await asyncio.wait_for(made.track.run(), WAIT_S)
    assert [numbers(final.text) for final in finals(bus)] == [[1]]


async def test_a_bus_that_is_away_for_a_while_loses_no_final_and_for_long_the_track(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = MeshError(FaultCode.UNAVAILABLE, "away")
    bus = RecordingBus(failures=[away, away])
    async with playing(bus) as made:
        made.audio(words_to_pcm([1]) + SILENCE)
        made.control(ev.Action.END)
        # Interims are published, not stored: they take no failure.
        bus.publish_event = nothing  # type: ignore[method-assign]
        await asyncio.wait_for(made.track.run(), WAIT_S)
        assert len(finals(bus)) == 1
    monkeypatch.setattr(module, "STORE_PATIENCE_S", -1.0)
    bus = RecordingBus(failures=[away])
    async with playing(bus) as made:
        made.control(ev.Action.END)
        with pytest.raises(ExceptionGroup):
            await asyncio.wait_for(made.track.run(), WAIT_S)


async def nothing(event: ev.Event) -> None:
    """Publish nowhere."""
