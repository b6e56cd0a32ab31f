"""Audio files in and out."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from dragoman_cli.client import BYTES_PER_S, FRAME_MS, RATE, TRAILING_SILENCE_S


class AudioError(Exception):
    """The file cannot be used; the message says why."""


def read_file(path: Path) -> bytes:
    """A sound file of any rate and channels as PCM s16le mono 16 kHz.

    Raises:
        AudioError: not there, or no sound file.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as exc:
        raise AudioError(f"{path} cannot be read as a sound file: {exc}") from exc
    mono = samples.mean(axis=1)
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE)
    if not len(mono):
        raise AudioError(f"{path} holds no sound")
    return bytes((np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())


def check_target(path: Path | None) -> None:
    """Whether a sound file can be written there, asked before the work and not after it.

    Raises:
        AudioError: it cannot.
    """
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise AudioError(f"{path} cannot be written: no such folder, or a folder itself")


def write_wav(path: Path, pcm: bytes) -> None:
    """PCM s16le mono 16 kHz as a WAV file."""
    soundfile.write(path, np.frombuffer(pcm, "<i2"), RATE, subtype="PCM_16")


async def read_stdin() -> AsyncIterator[bytes]:
    """Raw PCM from standard input as it comes, then the silence that ends the last utterance."""
    size = FRAME_MS * BYTES_PER_S // 1000
    while True:
        frame = await asyncio.to_thread(sys.stdin.buffer.read, size)
        if not frame:
            break
        yield frame[: len(frame) // 2 * 2]
    yield bytes(int(TRAILING_SILENCE_S * BYTES_PER_S))
