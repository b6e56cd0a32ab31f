"""Uploaded files decoded in a process of their own, a piece at a time."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.media.decoding_child import TOO_LONG, UNREADABLE

MODULE = "dragoman_edge.media.decoding_child"
PIECE = 32_000  # bytes: one second
PIECE_S = 60.0  # for a piece; a busy machine gives a nice process little
MEASURE_S = 1800.0
KEPT_NAMES = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "HOME", "VIRTUAL_ENV")


async def length_ms(file: BinaryIO, longest_ms: int) -> int:
    """Return the length of an uploaded file, by decoding it once.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`, when there is no audio in it; `TOO_LONG`.
        MeshError: `TIMEOUT`.
    """
    async with _child(file, "measure", str(longest_ms / 1000)) as process:
        try:
            async with asyncio.timeout(MEASURE_S):
                answer, _ = await process.communicate()
        except TimeoutError:
            raise MeshError(FaultCode.TIMEOUT, "the file could not be read in time") from None
        _check(process, longest_ms)
        return max(1, round(float(json.loads(answer)) * 1000))


async def pieces(file: BinaryIO) -> AsyncGenerator[bytes, None]:
    """Yield an uploaded file as PCM s16le mono 16 kHz, a second at a time; the decoder waits for its reader.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`, when there is no audio in it.
        MeshError: `TIMEOUT`.
    """
    async with _child(file, "pcm") as process:
        while piece := await _read(process):
            yield piece
        await process.wait()
        _check(process, 0)


async def _read(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PIECE_S):
            return await process.stdout.readexactly(PIECE)
    except asyncio.IncompleteReadError as exc:
        return exc.partial
    except TimeoutError:
        raise MeshError(FaultCode.TIMEOUT, "the file could not be read in time") from None


@asynccontextmanager
async def _child(file: BinaryIO, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        *arguments,
        stdin=file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # FFmpeg may print what it was given
        limit=4 * PIECE,
        env={name: os.environ[name] for name in KEPT_NAMES if name in os.environ},  # no secret of ours
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _check(process: asyncio.subprocess.Process, longest_ms: int) -> None:
    if process.returncode == TOO_LONG:
        raise PeerError(FaultCode.TOO_LONG, f"longer than {longest_ms // 60_000} minutes")
    if process.returncode == UNREADABLE:
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "there is no audio in the file that could be decoded")
    if process.returncode:  # a file that kills its decoder, or takes more than it gets
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "the file could not be decoded")
