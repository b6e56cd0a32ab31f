"""The audio of messages: raw samples, rates, pieces."""

import numpy as np
import pytest

from dragoman_contract.errors import PeerError
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio
from tests.support.sarvam_codec import TONE, audio, conversation, opened, sound, wav


@pytest.mark.parametrize("data", [b"ID3\4abc", b"OggS....", b"fLaC"])
def test_other_containers_are_not_taken_for_samples(data: bytes) -> None:
    with pytest.raises(PeerError, match="neither WAV nor PCM"):
        conversation().receive(audio(data))


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_raw", "pcm_l16"])
def test_raw_samples_cut_within_one(codec: str) -> None:
    assert sound(conversation(input_audio_codec=codec), TONE[:101], TONE[101:]) == (TONE, {16_000})
    assert sound(conversation(), TONE[:101], TONE[101:], encoding=f"audio/{codec}") == (TONE, {16_000})


def test_l16_may_be_big_endian() -> None:
    big = np.frombuffer(TONE, "<i2").astype(">i2").tobytes()
    assert sound(conversation(input_audio_codec="pcm_l16"), bytes(10), big)[0] == bytes(10) + TONE


def test_the_rate_of_the_connection_counts_for_raw_samples() -> None:
    assert opened(sample_rate="8000").audio_in == AudioFormat(sample_rate=8000)
    made = conversation(sample_rate="8000", input_audio_codec="pcm_s16le")
    assert sound(made, TONE)[1] == sound(made, TONE, sample_rate="8000")[1] == {8000}
    assert sound(conversation(), TONE, sample_rate=24_000)[1] == {24_000}


def test_a_long_recording_is_passed_on_by_the_second() -> None:
    commands = conversation().receive(audio(wav(bytes(100_000))))
    assert [len(c.data) for c in commands if isinstance(c, Audio)] == [32_000, 32_000, 32_000, 4000]
