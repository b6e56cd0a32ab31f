"""Decoding of uploaded files: kinds, lengths, damage, and what is refused before it is opened."""

import io
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest

from dragoman_edge.media import decoding_child as child

RATE = 16_000
TONE = (8000 * np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE)).astype(np.int16)


def audio(kind: str, codec: str, seconds: int = 2, rate: int = 44_100, layout: str = "stereo") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout=layout)
        context = stream.codec_context
        resampler = av.AudioResampler(context.format.name, layout, rate, context.frame_size or None)
        for _ in range(seconds):
            frame = av.AudioFrame.from_ndarray(TONE.reshape(1, -1), "s16", "mono")
            frame.sample_rate = RATE
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
        for part in resampler.resample(None):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return out.getvalue()


KINDS = [
    ("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("mp4", "aac"), ("flac", "flac"), ("ogg", "libopus"),
    ("adts", "aac"), ("matroska", "libopus"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "codec"), KINDS, ids=[kind for kind, _ in KINDS])
def test_what_recorders_make_becomes_canonical_audio_of_its_length(kind: str, codec: str) -> None:
    data = audio(kind, codec, rate=48_000 if codec == "libopus" else 44_100)
    assert child.container_format(data[:16])
    assert child.measure(io.BytesIO(data), 60) == pytest.approx(2, abs=0.12)
    samples = np.frombuffer(b"".join(child.pcm(io.BytesIO(data))), np.int16)
    assert len(samples) == pytest.approx(2 * RATE, abs=2000)
    middle = samples[RATE // 2 : RATE // 2 + RATE].astype(float)
    spectrum = np.abs(np.fft.rfft(middle))
    assert abs(int(spectrum.argmax()) - 440) <= 1 and np.abs(middle).max() > 4000


@pytest.mark.parametrize(
    "head",
    [b"#EXTM3U\nfile:///etc/passwd", b"ffconcat version 1.0\nfile x", b"<?xml", b"PK\x03\x04", b"", b"\xff"],
    ids=["playlist", "concat", "xml", "zip", "empty", "one byte"],
)
def test_what_is_no_kind_of_audio_is_never_opened(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("FFmpeg was asked")

    monkeypatch.setattr("av.open", opened)
    with pytest.raises(child.UnreadableError):
        child.measure(io.BytesIO(head), 60)


def test_a_file_that_claims_to_be_audio_and_is_none_is_unreadable() -> None:
    for data in (b"RIFF\xff\xff\xff\xffWAVE" + bytes(400), b"\x00\x00\x00\x20ftypisom" + bytes(400)):
        with pytest.raises(child.UnreadableError):
            child.measure(io.BytesIO(data), 60)


def test_a_tiny_file_that_decodes_to_more_than_is_allowed_is_left_at_once() -> None:
    data = audio("flac", "flac", seconds=3)
    with pytest.raises(OverflowError):
        child.measure(io.BytesIO(data), 2)


def test_the_length_is_what_can_be_decoded_not_what_the_header_says() -> None:
    data = audio("wav", "pcm_s16le", seconds=4, rate=16_000, layout="mono")
    assert child.measure(io.BytesIO(data[: len(data) // 2]), 60) == pytest.approx(2, abs=0.1)


def test_damage_in_the_middle_costs_what_it_damages() -> None:
    data = bytearray(audio("mp3", "libmp3lame", seconds=6))
    half = len(data) // 2
    data[half : half + 2000] = bytes(2000)
    assert 4 < child.measure(io.BytesIO(bytes(data)), 60) <= 6.2


def test_silence_alone_is_audio() -> None:
    class Packets:
        def __init__(self, frames: list[Any]) -> None:
            self.frames = frames

        def decode(self) -> list[Any]:
            return self.frames

    class Container:
        def demux(self, _: object) -> Iterator[Packets]:
            yield Packets([])

    assert list(child._decoded(Container(), None)) == []


def test_a_stream_that_never_decodes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    class Broken:
        def decode(self) -> list[Any]:
            nonlocal asked
            asked += 1
            raise av.InvalidDataError(1, "damaged")

    class Container:
        def demux(self, _: object) -> Iterator[Broken]:
            while True:
                yield Broken()

    monkeypatch.setattr("dragoman_edge.media.decoding_child.MOST_ERRORS", 7)
    assert list(child._decoded(Container(), None)) == [] and asked == 7
