"""Sound files of every usual kind become the mesh's audio."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dragoman_cli.audio import AudioError, check_target, read_file, write_wav

SECONDS = 0.5
TONE_HZ = 440


def tone(rate: int, channels: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    wave = 0.5 * np.sin(2 * np.pi * TONE_HZ * np.arange(int(rate * SECONDS)) / rate)
    return np.stack([wave] * channels, axis=1)


def pitch(pcm: bytes) -> float:
    """The strongest frequency in Hz of PCM at 16 kHz."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / len(samples))


@pytest.mark.parametrize("kind", ["wav", "flac"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_any_rate_becomes_16_khz_mono(tmp_path: Path, rate: int, channels: int, kind: str) -> None:
    path = tmp_path / f"tone.{kind}"
    soundfile.write(path, tone(rate, channels), rate)
    pcm = read_file(path)
    samples = np.frombuffer(pcm, "<i2")
    assert abs(len(samples) - 16_000 * SECONDS) <= 2
    assert abs(pitch(pcm) - TONE_HZ) < 4
    assert 0.33 < np.sqrt(np.mean((samples[800:-800] / 32767) ** 2)) < 0.37


def test_channels_are_mixed(tmp_path: Path) -> None:
    sound = tone(16_000, 2)
    sound[:, 1] *= -1
    soundfile.write(tmp_path / "opposite.wav", sound, 16_000)
    assert np.abs(np.frombuffer(read_file(tmp_path / "opposite.wav"), "<i2")).max() <= 1


def test_what_is_louder_than_full_scale_is_clipped_and_does_not_wrap(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loud.wav", np.full(1000, 1.5, "float32"), 16_000, subtype="FLOAT")
    assert set(np.frombuffer(read_file(tmp_path / "loud.wav"), "<i2")) == {32767}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    pcm = np.arange(-2000, 2000, dtype="<i2").tobytes()
    write_wav(tmp_path / "kept.wav", pcm)
    back = np.frombuffer(read_file(tmp_path / "kept.wav"), "<i2").astype(int)
    assert np.abs(back - np.frombuffer(pcm, "<i2")).max() <= 1


@pytest.mark.parametrize("content", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_sound_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(AudioError, match=r"bad\.wav"):
        read_file(tmp_path / "bad.wav")


def test_a_sound_file_of_no_length_is_told(tmp_path: Path) -> None:
    write_wav(tmp_path / "short.wav", b"")
    with pytest.raises(AudioError, match="no sound"):
        read_file(tmp_path / "short.wav")


def test_an_output_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    check_target(None)
    check_target(tmp_path / "fine.wav")
    for bad in (tmp_path, tmp_path / "nowhere" / "out.wav"):
        with pytest.raises(AudioError):
            check_target(bad)


def resized(path: Path, size: int) -> None:
    """Write another length of the samples into the header."""
    data = path.read_bytes()
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + struct.pack("<I", size) + data[at + 4 :])


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_file_of_a_pipe_is_read_to_its_end(
    tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pipe.wav"
    write_wav(path, bytes(range(256)) * 10)
    resized(path, size)
    assert len(read_file(path)) == 2560
    assert not capsys.readouterr().err


def test_a_length_that_is_too_short_is_told_and_nothing_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "short.wav"
    write_wav(path, b"\xff\x10" * 1000)
    resized(path, 100)
    assert len(read_file(path)) == 2000
    assert "promises 100 bytes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "rate", "file"),
    [("ULAW", 8000, "WAV"), ("ALAW", 8000, "WAV"), ("PCM_16", 11_025, "WAV"), ("PCM_16", 16_000, "RF64")],
)
def test_old_and_large_kinds_of_wav(tmp_path: Path, kind: str, rate: int, file: str) -> None:
    soundfile.write(tmp_path / "old.wav", np.full(rate, 0.25), rate, subtype=kind, format=file)
    pcm = np.frombuffer(read_file(tmp_path / "old.wav"), "<i2")
    assert abs(len(pcm) - 16_000) <= 2 and abs(int(np.median(pcm)) - 8192) < 300
