"""One track: audio and control in, events out, over a bus that is a list."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import AudioFrame
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_scripted.engines import LoudnessActivity, ScriptedRecogniser
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.track import Track
from tests.support.waiting import WAIT_S

EPOCH = 4
SILENCE = bytes(2 * 16_000)


class Bus:
    """Keeps the events; the first `failures` times that one is to be stored it is away."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        self.failures = 0

    async def publish_event(self, event: ev.Event) -> None:
        self.events.append(event)

    async def store_event(self, event: ev.Event) -> None:
        if self.failures:
            self.failures -= 1
            raise MeshError(FaultCode.UNAVAILABLE, "the bus is away")
        self.events.append(event)

    @property
    def finals(self) -> list[ev.Transcript]:
        """Transcripts that will not change."""
        return [e for e in self.events if isinstance(e, ev.Transcript) and e.final]


class Feeder:
    """Sends audio as the edge does."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.sent = 0  # bytes

    def audio(self, pcm: bytes, piece: int = 3200, epoch: int = EPOCH) -> None:
        """In pieces of so many bytes."""
        for place in range(0, len(pcm), piece):
            part = pcm[place : place + piece]
            self.track.put(AudioFrame("s", 0, epoch, 0, self.sent // 2, part))
            self.sent += len(part)

    def control(self, action: ev.Action, epoch: int = EPOCH, **more: Any) -> None:
        """After the audio that was sent."""
        self.track.put(rpc.TrackControl(action=action, epoch=epoch, after_sample=self.sent // 2, **more))


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def track(bus: Any) -> AsyncIterator[Track]:
    scheduler = Scheduler(ScriptedRecogniser(), 1, 5.0)
    yield made(bus, scheduler)
    scheduler.close()


def made(bus: Any, scheduler: Scheduler, backlog_s: float = 60.0, idle_s: float = 60.0) -> Track:
    spec = rpc.RecogniserSpec(
        source_languages=("en",), interim=True, endpointing=ev.Endpointing(vad_signals=True)
    )
    start = rpc.StartTrack(session_id="s", track=0, epoch=EPOCH, first_utterance=1, first_sample=0, spec=spec)
    return Track(bus, scheduler, LoudnessActivity(), None, "w", start, backlog_s, idle_s)


async def heard(track: Track) -> None:
    """Run the track to its end."""
    async with asyncio.timeout(WAIT_S):
        await track.run()


async def test_what_is_open_is_published_before_the_end(track: Track, bus: Bus) -> None:
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([1, 2]) + SILENCE + words_to_pcm([3]))
    feeder.control(ev.Action.END)
    await heard(track)
    assert [numbers(final.text) for final in bus.finals] == [[1, 2], [3]]
    assert bus.events[-1] == ev.TrackEnded(session_id="s", track=0, epoch=EPOCH, last_utterance=2)
    assert [e.speaking for e in bus.events if isinstance(e, ev.SpeechActivity)] == [True, False, True, False]


async def test_audio_in_bursts_and_in_crumbs_is_the_same_audio(track: Track, bus: Bus) -> None:
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([1, 2]) + SILENCE, piece=2 * 7)
    feeder.audio(words_to_pcm([3]) + SILENCE, piece=100_000)
    feeder.control(ev.Action.END)
    await heard(track)
    assert [numbers(final.text) for final in bus.finals] == [[1, 2], [3]]


async def test_audio_behind_a_gap_waits_until_it_is_sent_again(track: Track, bus: Bus) -> None:
    pcm = words_to_pcm([1, 2]) + SILENCE
    half = len(pcm) // 4 * 2
    track.put(AudioFrame("s", 0, EPOCH, 0, half // 2, pcm[half:]))
    assert track.heartbeat(False).received_samples == 0
    feeder = Feeder(track)
    feeder.audio(pcm)
    feeder.control(ev.Action.END)
    await heard(track)
    assert [numbers(final.text) for final in bus.finals] == [[1, 2]]
    assert track.heartbeat(False).received_samples == len(pcm) // 2


async def test_nothing_is_published_of_a_cancelled_track(track: Track, bus: Bus) -> None:
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([1]))
    feeder.control(ev.Action.CANCEL)
    await heard(track)
    assert not bus.finals and not any(isinstance(e, ev.TrackEnded) for e in bus.events)


async def test_what_belongs_to_another_epoch_is_dropped(track: Track, bus: Bus) -> None:
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([9]) + SILENCE, epoch=EPOCH - 1)
    feeder.control(ev.Action.CANCEL, epoch=EPOCH - 1)
    feeder.sent = 0
    feeder.audio(words_to_pcm([1]) + SILENCE)
    feeder.control(ev.Action.END)
    await heard(track)
    assert [numbers(final.text) for final in bus.finals] == [[1]]


async def test_a_flush_ends_the_utterance_and_an_update_counts_from_the_next(track: Track, bus: Bus) -> None:
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([1]))
    feeder.control(ev.Action.FLUSH)
    spec = rpc.RecogniserSpec(source_languages=("fr",))
    feeder.control(ev.Action.UPDATE, spec=spec)
    feeder.audio(words_to_pcm([2]) + SILENCE)
    feeder.control(ev.Action.END)
    await heard(track)
    assert [(numbers(f.text), f.language) for f in bus.finals] == [([1], "en"), ([2], "fr")]


async def test_a_bus_that_is_away_is_waited_for(track: Track, bus: Bus) -> None:
    bus.failures = 2
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([1]) + SILENCE)
    feeder.control(ev.Action.END)
    await heard(track)
    assert [numbers(final.text) for final in bus.finals] == [[1]]


async def test_a_track_that_gets_more_than_it_can_hold_fails(bus: Bus) -> None:
    scheduler = Scheduler(ScriptedRecogniser(), 1, 5.0)
    small = made(bus, scheduler, backlog_s=1.0)
    with pytest.raises(MeshError) as caught:
        Feeder(small).audio(SILENCE * 2)
    assert caught.value.code == FaultCode.UNAVAILABLE
    scheduler.close()


async def test_a_track_without_a_word_from_its_edge_ends(bus: Bus) -> None:
    scheduler = Scheduler(ScriptedRecogniser(), 1, 5.0)
    idle = made(bus, scheduler, idle_s=0.02)
    await heard(idle)
    assert isinstance(bus.events[-1], ev.TrackEnded)
    scheduler.close()


async def test_heartbeats_say_what_is_covered_only_when_it_is_stored(track: Track, bus: Bus) -> None:
    assert (track.heartbeat(True).draining, track.heartbeat(True).last_utterance) == (True, 0)
    feeder = Feeder(track)
    feeder.audio(words_to_pcm([1]) + SILENCE)
    feeder.control(ev.Action.END)
    await heard(track)
    heartbeat = track.heartbeat(False)
    assert heartbeat.last_utterance == 1
    assert heartbeat.covered_samples >= bus.finals[0].covered_samples
