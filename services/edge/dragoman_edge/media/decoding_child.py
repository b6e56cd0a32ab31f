"""The process that decodes one uploaded file: whatever is wrong with the file happens to it alone.

It gets the file as standard input, little memory and processor time, no secrets, and opens nothing by name.
"""

import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import Any

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_kit.engine_process import end_with_parent

MEMORY = 2 << 30  # bytes of address space: FFmpeg maps a good part of it
CPU_S = 900
NICE = 10
HEAD = 16
CODECS = ("aac", "alac", "flac", "libopus", "mp3", "mp3float", "opus", "vorbis")
MOST_ERRORS = 5000  # damaged packets in a row, after which nothing more is expected
UNREADABLE, TOO_LONG = 4, 5  # exit codes
STDIN, STDOUT = 0, 1


class UnreadableError(Exception):
    """The file is no audio that can be decoded."""


def container_format(head: bytes) -> str:
    """Return FFmpeg's name of a file's format by its first bytes; empty = none of those that are taken.

    It is named so that no other is tried: some of FFmpeg's formats are lists of files and addresses to open.
    """
    for start, name in ((b"ID3", "mp3"), (b"OggS", "ogg"), (b"fLaC", "flac"), (b"\x1aE\xdf\xa3", "matroska")):
        if head.startswith(start):
            return name
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mp4"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    return ""


def frames(file: Any) -> Iterator[Any]:
    """Yield the frames of a file's first audio stream; damaged packets are left out.

    Raises:
        UnreadableError: it has no such stream, or none of a codec that is taken.
    """
    import av

    name = container_format(file.read(HEAD))
    file.seek(0)
    try:
        container = av.open(file, format=name) if name else None
    except (av.FFmpegError, ValueError) as exc:
        raise UnreadableError from exc
    if container is None or not container.streams.audio:
        raise UnreadableError
    stream = container.streams.audio[0]
    codec = stream.codec_context.name if stream.codec_context is not None else ""
    if codec not in CODECS and not codec.startswith("pcm_"):
        raise UnreadableError
    yield from _decoded(container, stream)


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    import av

    errors = 0
    packets = container.demux(stream)
    while errors < MOST_ERRORS:
        try:
            found = next(packets).decode()
        except StopIteration:
            return
        except av.InvalidDataError:
            errors += 1
        except av.FFmpegError:  # the rest is missing
            return
        else:
            errors = 0 if found else errors
            yield from (frame for frame in found if frame.samples and frame.sample_rate)


def measure(file: Any, longest_s: float) -> float:
    """Return the length of a file in seconds, by decoding it: what it says of itself may be wrong.

    Raises:
        UnreadableError: there is nothing in it.
        OverflowError: it is longer than `longest_s`.
    """
    seconds = 0.0
    for frame in frames(file):
        seconds += frame.samples / frame.sample_rate
        if seconds > longest_s:
            raise OverflowError
    if not seconds:
        raise UnreadableError
    return seconds


def pcm(file: Any) -> Iterator[bytes]:
    """Yield a file as PCM s16le mono 16 kHz."""
    import av

    made: tuple[Any, Any] = (None, None)
    for frame in frames(file):
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != made[0]:
            if made[1] is not None:
                yield from map(_bytes, made[1].resample(None))
            made = form, av.AudioResampler("s16", "mono", SAMPLE_RATE)
        frame.pts = None
        yield from map(_bytes, made[1].resample(frame))
    if made[1] is not None:
        yield from map(_bytes, made[1].resample(None))


def _bytes(frame: Any) -> bytes:
    samples: bytes = frame.to_ndarray().tobytes()
    return samples


def _bound() -> None:
    """Little of everything: a file may be made to take all that it gets."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """`measure LONGEST_S` prints the seconds as JSON; `pcm` writes the samples."""
    end_with_parent()
    out = os.fdopen(os.dup(STDOUT), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
    _bound()
    file = os.fdopen(STDIN, "rb")
    file.seek(0)
    try:
        if sys.argv[1] == "measure":
            out.write(json.dumps(measure(file, float(sys.argv[2]))).encode())
        else:
            for samples in pcm(file):
                out.write(samples)
        out.flush()
    except UnreadableError:
        return UNREADABLE
    except OverflowError:
        return TOO_LONG
    return 0


if __name__ == "__main__":
    sys.exit(main())
