"""A session's audio on its way in: converted, gathered, counted, held back, flushed when nothing comes."""

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.replay_buffer import ReplayBuffer
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.session.intake import LONGEST_PIECE_S, Intake
from dragoman_edge.session.limits import Times
from dragoman_edge.session.state import Move, Phase, SessionState
from dragoman_edge.session.usage import UsageMeter
from dragoman_edge.settings import EdgeSettings
from tests.support.waiting import WAIT_S

SECOND = 32_000  # bytes
FRAME = bytes(640)  # 20 ms


class Link:
    """A recogniser that keeps what it is told."""

    def __init__(self, limit: int = 10**9) -> None:
        self.ring = ReplayBuffer(limit)
        self.did: list[str] = []
        self.heard = b""

    async def send(self, pcm: bytes) -> None:
        self.heard += pcm
        self.ring.append(pcm, 0.0)

    async def pad_silence(self, sample: int) -> None:
        self.did.append(f"silence up to {sample}")

    async def flush(self) -> None:
        self.did.append("flush")

    async def end(self) -> None:
        self.did.append("end")


class Client:
    """Audio into an intake, on a clock that the test moves."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, audio_in: AudioFormat | None = None, tracks: int = 1,
        ms: int = 0, gap_ms: int = 1000, silence_ms: int = 0, limit: int = 10**9, backlog_s: float = 60,
    ) -> None:  # fmt: skip
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.links = {n: Link(limit) for n in range(tracks)}
        self.state = SessionState(Phase.LIVE)
        self.times = Times()
        self.meter = UsageMeter("s_1", "a_1", "e_1")
        self.progress = asyncio.Event()
        settings = EdgeSettings(gap_ms=gap_ms, backlog_s=backlog_s)
        parts: Any = SimpleNamespace(settings=settings, gathering=AdaptiveBatching(ms))
        recognisers: Any = SimpleNamespace(links=self.links, progress=self.progress.wait)
        self.intake = Intake(
            parts, audio_in or AudioFormat(), "test", recognisers, self.meter, self.state, self.times,
            lambda: silence_ms,
        )  # fmt: skip

    @property
    def link(self) -> Link:
        return self.links[0]

    async def after(self, seconds: float) -> list[str]:
        """What the recogniser was told once that time has passed; the process did not stand still."""
        while seconds > 0:
            step = min(0.5, seconds)
            seconds -= step
            self.now += step
            await self.intake.tick()
        return self.link.did


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    return lambda **options: Client(monkeypatch, **options)


# Passing it on


async def test_audio_goes_to_the_recogniser_and_is_counted(make: Callable[..., Client]) -> None:
    client = make()
    assert await client.intake.audio(b"\1\0" * 8000) == 0.5
    assert client.link.heard == b"\1\0" * 8000
    assert client.meter.figures()["recognised_ms"] == 500 and client.times.audio == 100.0


async def test_small_frames_are_gathered(make: Callable[..., Client]) -> None:
    client = make(ms=40)
    assert [await client.intake.audio(FRAME) for _ in range(2)] == [0.0, 0.04]
    assert len(client.link.heard) == 2 * len(FRAME)


async def test_nothing_is_gathered_that_was_gathered_before(make: Callable[..., Client]) -> None:
    client = make(ms=40)
    assert client.intake.gather_before() == (client.intake._batching, AudioFormat())
    assert await client.intake.audio(FRAME) == 0.02 and client.link.heard == FRAME
    assert await client.intake.audio(bytes(160), AudioFormat(Encoding.MULAW)) == 0.01


async def test_what_was_gathered_goes_on_when_the_client_pauses(make: Callable[..., Client]) -> None:
    client = make(ms=40)
    await client.intake.audio(FRAME)
    await client.after(0.03)
    assert not client.link.heard
    await client.after(0.02)
    assert client.link.heard == FRAME
    assert await client.intake.pass_on() == 0.0


async def test_no_audio_is_taken_after_the_end(make: Callable[..., Client]) -> None:
    client = make(ms=40)
    await client.intake.audio(FRAME)
    client.state.move(Move.FINISH)
    assert await client.intake.audio(bytes(SECOND)) == 0.0 and await client.intake.pass_on() == 0.0
    assert not client.link.heard and client.times.audio == 100.0


async def test_the_end_takes_what_was_gathered_along(make: Callable[..., Client]) -> None:
    client = make(ms=40)
    await client.intake.audio(FRAME)
    await client.intake.finish()
    assert client.link.heard == FRAME and client.link.did == ["end"]
    assert client.meter.figures()["recognised_ms"] == 20


async def test_each_channel_is_a_track(make: Callable[..., Client]) -> None:
    client = make(audio_in=AudioFormat(channels=2), tracks=2)
    stereo = np.array([1, 9, 2, 8], "<i2").tobytes()
    await client.intake.audio(stereo)
    heard = [np.frombuffer(link.heard, "<i2").tolist() for link in client.links.values()]
    assert heard == [[1, 2], [9, 8]]
    assert client.meter.figures()["recognised_ms"] == 0 and client.meter._heard == 4


async def test_a_track_without_a_channel_stays_in_time_with_the_others(make: Callable[..., Client]) -> None:
    client = make(tracks=2)
    await client.intake.audio(bytes(SECOND))
    assert client.links[1].did == ["silence up to 16000"] and not client.links[1].heard


async def test_a_format_of_a_message_is_converted_and_nothing_is_lost(
    make: Callable[..., Client],
) -> None:
    client = make(ms=40)
    await client.intake.audio(b"\1\0" * 160)
    await client.intake.audio(b"\xff" * 640, AudioFormat(Encoding.MULAW))
    assert client.link.heard == b"\1\0" * 160 + bytes(2 * 640)
    await client.intake.audio(b"\xff" * 640, AudioFormat(Encoding.MULAW))
    assert len(client.link.heard) == 2 * (160 + 2 * 640)


# Utterances that are to be finished


async def test_a_flush_takes_what_was_gathered_along(make: Callable[..., Client]) -> None:
    client = make(ms=40)
    await client.intake.audio(FRAME)
    await client.intake.flush()
    assert client.link.heard == FRAME and client.link.did == ["flush"]


async def test_a_flush_may_wait_for_audio_that_is_on_its_way(make: Callable[..., Client]) -> None:
    client = make(gap_ms=0)
    await client.intake.flush(grace_ms=500)
    assert await client.after(0.49) == []
    assert await client.after(0.01) == ["flush"]
    assert await client.after(9) == ["flush"]


class Present:
    """A client that answers when the test says so."""

    def __init__(self) -> None:
        self.asked, self.answered = 0, False

    def ask(self) -> None:
        self.asked, self.answered = self.asked + 1, False


async def test_a_client_that_answers_has_paused(make: Callable[..., Client]) -> None:
    client, present = make(), Present()
    client.intake.client = present
    await client.intake.audio(bytes(SECOND // 10))
    assert await client.after(0.9) == [] and present.asked == 1
    present.answered = True
    assert await client.after(0.5) == ["flush"] and present.asked == 1


async def test_an_utterance_stays_open_while_the_route_to_its_client_is_lost(
    make: Callable[..., Client],
) -> None:
    client, present = make(), Present()
    client.intake.client = present
    await client.intake.audio(bytes(SECOND // 10))
    assert await client.after(30) == [] and present.asked == 1
    await client.intake.audio(bytes(SECOND // 10))  # the route is back, and the client has gone on
    assert await client.after(0.3) == []
    assert await client.after(0.7) == [] and present.asked == 2
    present.answered = True
    assert await client.after(0.5) == ["flush"]


async def test_every_track_is_flushed(make: Callable[..., Client]) -> None:
    client = make(tracks=2)
    await client.intake.flush()
    assert [link.did for link in client.links.values()] == [["flush"], ["flush"]]


async def test_a_client_that_sends_nothing_for_a_second_has_finished_its_utterance(
    make: Callable[..., Client],
) -> None:
    client = make()
    await client.intake.audio(bytes(SECOND))  # spoken until 101
    assert await client.after(2.0) == []
    assert await client.after(0.01) == ["flush"]
    assert await client.after(9) == ["flush"]  # once
    await client.intake.audio(FRAME)
    assert await client.after(2) == ["flush", "flush"]


async def test_what_comes_after_a_pause_was_spoken_after_it(make: Callable[..., Client]) -> None:
    client = make()
    await client.intake.audio(bytes(SECOND))  # spoken until 101
    await client.after(5.0)
    await client.intake.audio(bytes(SECOND))  # the last of it was spoken at 105
    assert [client.intake.clock.at(ms) for ms in (0, 999, 1000, 1500)] == [0, 999, 4000, 4500]
    await client.after(0.9)
    await client.intake.audio(FRAME)  # late, and no pause
    assert client.intake.clock.at(2000) == 5000


async def test_audio_that_came_while_the_process_stood_still_is_read_first(
    make: Callable[..., Client],
) -> None:
    client = make()
    await client.intake.audio(FRAME)
    client.now += 20
    await client.intake.tick()
    assert client.link.did == []
    assert await client.after(1.0) == []
    assert await client.after(0.01) == ["flush"]


async def test_audio_that_comes_at_once_was_not_spoken_much_later(
    make: Callable[..., Client],
) -> None:
    client = make()
    await client.intake.audio(bytes(10 * SECOND))
    assert await client.after(LONGEST_PIECE_S + 1) == []
    assert await client.after(0.01) == ["flush"]


@pytest.mark.parametrize("pace", [0.97, 1.0, 1.03])
@pytest.mark.parametrize("piece_s", [0.1, 2.0])
async def test_a_drifting_clock_and_bursts_are_no_pauses(
    make: Callable[..., Client], pace: float, piece_s: float
) -> None:
    client = make()
    for _ in range(int(120 / piece_s)):
        await client.after(piece_s / pace)
        await client.intake.audio(bytes(int(piece_s * SECOND)))
    assert client.link.did == []
    assert await client.after(LONGEST_PIECE_S + 1.5) == ["flush"]


async def test_a_clients_own_endpointing_is_never_cut_short(make: Callable[..., Client]) -> None:
    client = make(silence_ms=3000)
    await client.intake.audio(bytes(SECOND))
    assert await client.after(4.0) == []
    assert await client.after(0.01) == ["flush"]


@pytest.mark.parametrize("gap_ms", [0, 1000])
async def test_whoever_is_detached_may_go_on_mid_sentence(make: Callable[..., Client], gap_ms: int) -> None:
    client = make(gap_ms=gap_ms)
    await client.intake.audio(bytes(SECOND))
    if gap_ms:
        client.state.move(Move.DETACH)
    assert await client.after(60) == []


async def test_a_client_that_never_spoke_has_no_utterance(make: Callable[..., Client]) -> None:
    assert await make().after(60) == []


# Too much of it


async def test_with_room_nobody_waits(make: Callable[..., Client]) -> None:
    client = make()
    await client.intake.audio(bytes(SECOND))
    async with asyncio.timeout(WAIT_S):
        await client.intake.room()


async def test_a_client_waits_while_its_recogniser_is_behind(make: Callable[..., Client]) -> None:
    client = make(limit=16_000)
    await client.intake.audio(bytes(SECOND))
    waiting = asyncio.create_task(client.intake.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    client.link.ring.ack(16_000)
    client.progress.set()
    async with asyncio.timeout(WAIT_S):
        await waiting


async def test_nobody_waits_for_a_session_that_is_over(make: Callable[..., Client]) -> None:
    client = make(limit=16_000)
    await client.intake.audio(bytes(SECOND))
    client.state.move(Move.STOP)
    async with asyncio.timeout(WAIT_S):
        await client.intake.room()


async def test_a_recogniser_that_gets_nowhere_is_a_timeout(make: Callable[..., Client]) -> None:
    client = make(limit=16_000)
    client.intake._backlog_s = 0.01
    await client.intake.audio(bytes(SECOND))
    with pytest.raises(MeshError) as behind:
        await client.intake.room()
    assert behind.value.code is FaultCode.TIMEOUT
