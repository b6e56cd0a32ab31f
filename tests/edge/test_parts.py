"""The small pure parts of the edge."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import canonical
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.converters import Inbound, Outbound
from dragoman_edge.media.replay_buffer import ReplayBuffer
from dragoman_edge.media.token_bucket import TokenBucket
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.session.send_queue import SendQueue
from dragoman_edge.session.usage import UsageMeter


def interim(utterance: int = 1, revision: int = 1) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=utterance, revision=revision, final=False, text="hello",
        language="en", start_ms=0, duration_ms=1,
    )  # fmt: skip


def chunk(size: int) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s",
        track=0,
        epoch=1,
        utterance=1,
        language="es",
        sample_offset=0,
        audio=bytes(size),
        last=True,
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("en", "en"),
        ("EN_us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("PT-br", "pt-BR"),
    ],
)
def test_language_tags_are_read_as_people_write_them(written: str, meant: str) -> None:
    assert canonical(written) == meant


@given(st.text(max_size=30))
def test_what_is_no_language_tag_is_refused_and_what_is_one_stays_itself(text: str) -> None:
    try:
        tag = canonical(text)
    except PeerError as exc:
        assert exc.code is FaultCode.UNSUPPORTED_LANGUAGE
    else:
        assert canonical(tag) == tag


@given(st.lists(st.integers(1, 400), max_size=40), st.integers(0, 6000))
def test_the_ring_holds_just_what_no_final_covers(sizes: list[int], covered: int) -> None:
    ring = ReplayBuffer(limit=10_000)
    for size in sizes:
        ring.append(bytes(2 * size), now=1.0)
    ring.cover(covered)
    held = ring.since(covered)
    assert sum(p.end - p.offset for p in held) >= max(0, sum(sizes) - covered)
    assert all(p.end > covered for p in held)
    assert [p.offset for p in held[1:]] == [p.end for p in held[:-1]]


def test_the_ring_says_when_it_is_full() -> None:
    ring = ReplayBuffer(limit=100)
    ring.append(bytes(198), now=1.0)
    assert not ring.full
    ring.append(bytes(2), now=1.0)
    assert ring.full
    ring.cover(99)
    assert not ring.full


def test_a_client_at_real_time_never_waits() -> None:
    pace = TokenBucket(2.0, 1.0, now=0.0)
    assert all(pace.take(0.02, now=n * 0.02) == 0 for n in range(1000))


def test_a_client_that_sends_everything_at_once_is_held_to_twice_real_time() -> None:
    pace, now = TokenBucket(2.0, 5.0, now=0.0), 0.0
    for _ in range(1000):
        now += pace.take(0.1, now)
    assert 100 / 2 - 5 <= now <= 100 / 2


async def test_an_unread_interim_is_superseded_by_the_next() -> None:
    box = SendQueue(1 << 20)
    box.put(interim(revision=1))
    box.put(chunk(10))
    box.put(interim(revision=2))
    assert [await box.get(), await box.get()] == [chunk(10), interim(revision=2)]


async def test_a_client_that_does_not_read_loses_interims_first_and_then_the_session() -> None:
    box = SendQueue(10_000)
    box.put(interim())
    box.put(chunk(9000))
    box.put(interim(utterance=2))
    assert await box.get() == chunk(9000)
    box.put(chunk(9000))
    with pytest.raises(PeerError) as caught:
        box.put(chunk(9000))
    assert caught.value.code is FaultCode.TOO_SLOW


async def test_a_closed_box_still_delivers_what_it_holds() -> None:
    box = SendQueue(1 << 20)
    box.put(interim())
    box.close()
    box.put(interim(utterance=2))
    assert [await box.get(), await box.get()] == [interim(), None]


async def test_an_empty_box_makes_its_reader_wait() -> None:
    box = SendQueue(1 << 20)
    reader = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert not reader.done()
    box.put(interim())
    assert await reader == interim()


@pytest.mark.parametrize("fmt", [AudioFormat(), AudioFormat(Encoding.FLOAT32LE, 16_000, 2)])
@pytest.mark.parametrize("size", [1, 3, 7, 641])
def test_a_part_of_a_sample_waits_for_the_rest_of_it(fmt: AudioFormat, size: int) -> None:
    noise = np.random.default_rng(1).integers(0, 64, 4096, dtype=np.uint8).tobytes()
    cut = Inbound(fmt)
    pieces = [noise[start : start + size] for start in range(0, len(noise), size)]
    taken = [cut.take() for piece in pieces if cut.add(piece)]
    joined = [b"".join(channel) for channel in zip(*taken, strict=True)]
    assert joined == _converted(Inbound(fmt), noise)
    cut.add(b"\0")
    assert not cut.waiting


@pytest.mark.parametrize("fmt", [AudioFormat(sample_rate=12345), AudioFormat(channels=6)])
def test_a_format_that_nobody_can_convert_is_refused(fmt: AudioFormat) -> None:
    with pytest.raises(PeerError) as caught:
        Inbound(fmt)
    assert caught.value.code is FaultCode.UNSUPPORTED_AUDIO


def _converted(inbound: Inbound, data: bytes) -> list[bytes]:
    inbound.add(data)
    return inbound.take()


@pytest.mark.parametrize("fmt", [AudioFormat(), AudioFormat(Encoding.FLOAT32LE, 48_000, 2)])
def test_small_frames_are_gathered_until_it_is_enough(fmt: AudioFormat) -> None:
    inbound = Inbound(fmt, AdaptiveBatching(60))
    frame = bytes(fmt.sample_rate // 50 * fmt.bytes_per_frame)  # 20 ms
    assert [inbound.add(frame) for _ in range(2)] == [False, True]
    assert inbound.waiting
    inbound.take()
    assert not inbound.waiting and not inbound.add(frame)


def test_a_busy_edge_gathers_more_and_an_idle_one_little() -> None:
    gathering = AdaptiveBatching(100)
    lengths = []
    for share in (0.0, 0.1, 0.15, 0.2, 0.9, 0.05):
        gathering.follow(share)
        lengths.append(gathering.ms)
    assert lengths == [40, 40, 70, 100, 100, 40]
    nothing = AdaptiveBatching(0)
    nothing.follow(0.9)
    assert nothing.ms == 0


def test_gathering_changes_no_sample() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 8000, dtype=np.uint8).tobytes()
    fmt = AudioFormat(Encoding.MULAW)
    at_once, in_parts = Inbound(fmt), Inbound(fmt, AdaptiveBatching(60))
    heard = b""
    for start in range(0, len(noise), 320):
        if in_parts.add(noise[start : start + 320]):
            heard += in_parts.take()[0]
    assert heard + in_parts.finish()[0] == _converted(at_once, noise)[0]


def test_canonical_audio_passes_untouched() -> None:
    assert _converted(Inbound(AudioFormat()), b"\1\2\3\4") == [b"\1\2\3\4"]


def test_stereo_becomes_two_tracks() -> None:
    left, right = _converted(Inbound(AudioFormat(channels=2)), np.array([1, 9, 2, 8], "<i2").tobytes())
    assert np.frombuffer(left, "<i2").tolist() == [1, 2]
    assert np.frombuffer(right, "<i2").tolist() == [9, 8]


@pytest.mark.parametrize("rate", [8000, 24_000, 44_100, 48_000])
def test_a_tone_keeps_its_pitch_and_length_through_the_resampler(rate: int) -> None:
    seconds = 1.0
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)).astype("<i2")
    inbound = Inbound(AudioFormat(sample_rate=rate))
    pieces = [_converted(inbound, part.tobytes())[0] for part in np.array_split(tone, 50)]
    heard = np.frombuffer(b"".join([*pieces, inbound.finish()[0]]), "<i2")
    assert abs(len(heard) - 16_000) < 10
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(np.argmax(spectrum) * 16_000 / len(heard) - 440) < 5


def test_speech_goes_out_as_float_at_24_khz() -> None:
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype("<i2")
    out = Outbound(AudioFormat(Encoding.FLOAT32LE, 24_000))
    data = b"".join(out.convert(p.tobytes(), last=i == 9) for i, p in enumerate(np.array_split(tone, 10)))
    floats = np.frombuffer(data, "<f4")
    assert len(floats) == 24_000
    assert 0.2 < np.abs(floats).max() < 0.3


def test_usage_only_grows_and_goes_on_after_a_resume() -> None:
    meter = UsageMeter(
        "s", "a", "e", before=ev.Usage(session_id="s", sequence=4, recognised_ms=1000, synthesised_ms=50)
    )
    meter.heard(16_000)
    meter.released(chunk(32_000))
    first = meter.report()
    assert (first.sequence, first.recognised_ms, first.synthesised_ms) == (5, 2000, 1050)
    assert meter.report(closing=True) == ev.Usage(
        session_id="s",
        sequence=6,
        recognised_ms=2000,
        synthesised_ms=1050,
        closing=True,
        account_id="a",
        edge_id="e",
    )
