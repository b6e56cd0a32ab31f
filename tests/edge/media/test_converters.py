"""A dialect's audio to canonical audio and back."""

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.converters import Inbound, Outbound
from dragoman_edge.model.audio_formats import AudioFormat, Encoding


def _converted(inbound: Inbound, data: bytes) -> list[bytes]:
    inbound.add(data)
    return inbound.take()


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
    for share in (0.0, 0.08, 0.12, 0.16, 0.9, 0.05):
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


# Encodings: sample by sample


@pytest.mark.parametrize(
    ("encoding", "data", "samples"),
    [
        (Encoding.PCM_S16LE, b"\x01\x00\xff\xff\x00\x80", [1, -1, -32768]),
        (Encoding.PCM_U8, b"\x00\x80\x81\xff", [-32768, 0, 256, 32512]),
        (Encoding.MULAW, b"\x00\x80\xff", [-32124, 32124, 0]),
        (Encoding.ALAW, b"\x55\xd5\xaa", [-8, 8, 32256]),
        (
            Encoding.FLOAT32LE,
            np.array([0.0, 0.5, -0.5, 1.0, -1.0], "<f4").tobytes(),
            [0, 16383, -16383, 32767, -32767],
        ),
    ],
)
def test_an_encoding_is_read_sample_by_sample(encoding: Encoding, data: bytes, samples: list[int]) -> None:
    (heard,) = _converted(Inbound(AudioFormat(encoding)), data)
    assert np.frombuffer(heard, "<i2").tolist() == samples


def test_floats_beyond_full_scale_are_clipped_and_no_number_is_silence() -> None:
    floats = np.array([1.5, -7.0, np.inf, -np.inf, np.nan], "<f4")
    (heard,) = _converted(Inbound(AudioFormat(Encoding.FLOAT32LE)), floats.tobytes())
    assert np.frombuffer(heard, "<i2").tolist() == [32767, -32767, 32767, -32767, 0]


def test_speech_is_written_in_the_format_that_was_asked_for() -> None:
    pcm = np.array([0, 16384, -32768], "<i2").tobytes()
    assert Outbound(AudioFormat()).convert(pcm, last=True) == pcm
    floats = Outbound(AudioFormat(Encoding.FLOAT32LE)).convert(pcm, last=True)
    assert np.frombuffer(floats, "<f4").tolist() == [0.0, 0.5, -1.0]


@pytest.mark.parametrize("encoding", [Encoding.MULAW, Encoding.ALAW, Encoding.PCM_U8])
def test_an_encoding_that_cannot_be_written_is_refused(encoding: Encoding) -> None:
    with pytest.raises(PeerError) as refused:
        Outbound(AudioFormat(encoding)).convert(bytes(2), last=True)
    assert refused.value.code is FaultCode.UNSUPPORTED_AUDIO and str(encoding) in refused.value.message


@pytest.mark.parametrize(
    ("fmt", "words"),
    [(AudioFormat(sample_rate=12345), "sample rate 12345 Hz"), (AudioFormat(channels=3), "3 channels")],
)
def test_a_refusal_says_what_cannot_be_converted(fmt: AudioFormat, words: str) -> None:
    for converter in (Inbound, Outbound):
        with pytest.raises(PeerError, match=words):
            converter(fmt)


def test_each_sentence_of_speech_is_resampled_from_its_own_beginning() -> None:
    tone = (8000 * np.sin(np.arange(1600) / 5)).astype("<i2").tobytes()
    out = Outbound(AudioFormat(sample_rate=24_000))
    first, second = out.convert(tone, last=True), out.convert(tone, last=True)
    assert first == second and len(first) == 2 * 2400


def test_what_the_resampler_holds_goes_out_at_the_end() -> None:
    inbound = Inbound(AudioFormat(sample_rate=8000))
    inbound.add(bytes(1600))
    (at_once,) = inbound.take()
    (rest,) = inbound.finish()
    assert len(at_once) < 2 * 1600 and len(at_once) + len(rest) == 2 * 1600


def test_enough_is_what_is_asked_for_after_each_message() -> None:
    gathering = AdaptiveBatching(100)
    inbound = Inbound(AudioFormat(), gathering)
    frame = bytes(2 * 320)  # 20 ms
    assert [inbound.add(frame) for _ in range(2)] == [False, True]
    gathering.follow(1.0)
    inbound.take()
    assert [inbound.add(frame) for _ in range(5)] == [False] * 4 + [True]


def test_without_gathering_one_whole_sample_is_enough() -> None:
    inbound = Inbound(AudioFormat(channels=2))
    assert not inbound.add(bytes(3)) and not inbound.waiting
    assert inbound.add(bytes(1)) and inbound.waiting


def test_enough_is_so_many_whole_frames_as_the_time_has() -> None:
    inbound = Inbound(AudioFormat(sample_rate=44_100, channels=2), AdaptiveBatching(37))
    enough = 37 * 44_100 // 1000 * 4
    assert not inbound.add(bytes(enough - 1)) and inbound.add(bytes(1))
