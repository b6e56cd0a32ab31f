"""WAV files, whole or cut anywhere."""

import struct

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.g711 import ALAW, MULAW, Samples
from tests.support.sarvam_codec import TONE, audio, conversation, sound, wav


def test_a_wav_file_in_one_message() -> None:
    assert sound(conversation(), wav(TONE, 22_050)) == (TONE, {22_050})


@pytest.mark.parametrize("size", [1, 7, 44, 45, 1000])
def test_a_wav_file_cut_anywhere(size: int) -> None:
    whole = wav(TONE, 8000)
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert sound(conversation(input_audio_codec="wav"), *pieces) == (TONE, {8000})


def test_a_wav_file_in_each_message() -> None:
    made = conversation()
    assert sound(made, wav(TONE), wav(TONE, 24_000)) == (TONE * 2, {16_000, 24_000})


def test_samples_go_on_after_what_the_first_header_promised() -> None:
    assert sound(conversation(), wav(TONE), TONE, TONE) == (TONE * 3, {16_000})


def test_a_header_without_a_size_and_other_chunks() -> None:
    whole = wav(TONE)
    endless = whole[:40] + struct.pack("<I", 0xFFFFFFFF) + TONE
    assert sound(conversation(), endless, TONE) == (TONE * 2, {16_000})
    listed = whole[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + whole[36:] + b"LIST" + b"\1\0\0\0xx"
    assert sound(conversation(), listed) == (TONE, {16_000})


def test_other_sample_forms_become_sixteen_bits() -> None:
    samples = np.frombuffer(TONE, "<i2")
    stereo = np.stack([samples, samples], axis=1).astype("<i2").tobytes()
    assert sound(conversation(), wav(stereo, channels=2))[0] == TONE
    assert (
        sound(conversation(), wav((samples.astype("<i4") << 16).astype("<i4").tobytes(), width=4))[0] == TONE
    )
    eight = ((samples >> 8) + 128).astype("u1").tobytes()
    back, _ = sound(conversation(), wav(eight, width=1))
    assert np.abs(np.frombuffer(back, "<i2") - samples.astype(int)).max() <= 256
    three = np.frombuffer((samples.astype("<i4") << 8).astype("<i4").tobytes(), np.uint8).reshape(-1, 4)[
        :, :3
    ]
    assert sound(conversation(), wav(three.tobytes(), width=3))[0] == TONE
    floats = (samples / 32767).astype("<f4").tobytes()
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 0, b"WAVE", b"fmt ", 16, 3, 1, 16_000, 64_000, 4, 32, b"data", 0
    )
    assert sound(conversation(), header + floats)[0] == TONE


def header(tag: int, rate: int, bits: int, file: bytes = b"RIFF", size: int = 0) -> bytes:
    """A header of one channel, whose sizes are `size`."""
    frame = bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, 1, rate, rate * frame, frame, bits)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, 0, 0, 0, 0) if file == b"RF64" else b""
    return struct.pack("<4sI4s", file, size, b"WAVE") + sizes + form + struct.pack("<4sI", b"data", size)


@pytest.mark.parametrize(("tag", "table"), [(6, ALAW), (7, MULAW)])
def test_telephone_audio_in_a_wav_file(tag: int, table: Samples) -> None:
    codes = bytes(range(256))
    pcm, rate = sound(conversation(), header(tag, 8000, 8) + codes)
    assert (pcm, rate) == (table.astype("<i2").tobytes(), {8000})


def test_a_rate_of_old_sound_cards() -> None:
    assert sound(conversation(), header(1, 11_025, 16) + TONE) == (TONE, {11_025})


def test_an_rf64_file_and_doubles() -> None:
    assert sound(conversation(), header(1, 16_000, 16, b"RF64", 0xFFFFFFFF) + TONE) == (TONE, {16_000})
    doubles = (np.frombuffer(TONE, "<i2") / 32767).astype("<f8").tobytes()
    assert sound(conversation(), header(3, 16_000, 64) + doubles)[0] == TONE


@pytest.mark.parametrize(
    "data",
    [
        wav(TONE, 11),
        wav(TONE, 3999),
        wav(TONE, channels=3, width=2),
        wav(TONE)[:20] + b"\x55\0" + wav(TONE)[22:],  # MPEG in WAV
        b"RIFF\0\0\0\0WAVEfmt \xff\0\0\0",
        b"RIFF\0\0\0\0WAVEdata\x01\0\0\0",
    ],
)
def test_a_wav_file_that_is_not_taken(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        conversation().receive(audio(data))
    assert caught.value.code is FaultCode.UNSUPPORTED_AUDIO


def test_a_codec_of_wav_wants_a_header() -> None:
    with pytest.raises(PeerError, match="not a WAV"):
        conversation(input_audio_codec="wav").receive(audio(TONE))
