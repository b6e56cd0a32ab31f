"""Audio files in and out."""

import asyncio
import io
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import soundfile
import soxr

from dragoman_cli.audio_source import FRAME_BYTES, RATE
from dragoman_cli.wav_sizes import measured


class AudioError(Exception):
    """The file cannot be used; the message says why."""


def read_file(path: Path) -> bytes:
    """A sound file of any rate and channels as PCM s16le mono 16 kHz.

    A WAV file whose header promises another length is read to its end, with a warning on standard error.

    Raises:
        AudioError: not there, or no sound file.
    """
    try:
        wav = measured(path.read_bytes())
        samples, rate = soundfile.read(io.BytesIO(wav.data), dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as exc:
        raise AudioError(f"{path} cannot be read as a sound file: {exc}") from exc
    if wav.warning:
        print(f"dragoman: {path}: {wav.warning}", file=sys.stderr)
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


async def file_frames(pcm: bytes, stop: asyncio.Event) -> AsyncIterator[bytes]:
    """`pcm` in frames of 20 ms, until its end or until `stop`."""
    for start in range(0, len(pcm), FRAME_BYTES):
        if stop.is_set():
            return
        yield pcm[start : start + FRAME_BYTES]


async def stdin_frames(stop: asyncio.Event) -> AsyncIterator[bytes]:
    """Raw PCM s16le mono 16 kHz from standard input as it comes, until its end or until `stop`.

    A thread reads: what stands behind standard input may be a pipe, a file or a terminal.
    """
    queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=10)
    threading.Thread(target=_read, args=(queue, asyncio.get_running_loop()), daemon=True).start()
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            coming = asyncio.create_task(queue.get())
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or not (frame := coming.result()):
                coming.cancel()
                return
            yield frame
    finally:
        stopping.cancel()


def _read(queue: "asyncio.Queue[bytes]", loop: asyncio.AbstractEventLoop) -> None:
    # Not sys.stdin: a thread that waits in its buffer holds a lock that the interpreter's end needs.
    with open(0, "rb", buffering=0, closefd=False) as source:
        frame = b"first"
        while frame:
            frame = _frame(source)
            putting = queue.put(frame)
            try:
                asyncio.run_coroutine_threadsafe(putting, loop).result()
            except (RuntimeError, CancelledError):  # the loop has ended; nobody listens any more
                putting.close()
                return


def _frame(source: io.FileIO) -> bytes:
    """The next 20 ms; less, but whole samples, at the end."""
    frame = b""
    while len(frame) < FRAME_BYTES and (more := source.read(FRAME_BYTES - len(frame))):
        frame += more
    return frame[: len(frame) // 2 * 2]
