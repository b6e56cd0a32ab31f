"""Recordings of tasks over HTTP: whole or a range of bytes, as they are stored or in another format. Pure."""

import struct
from collections.abc import Generator
from typing import Any

from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.requests import Ask

CHUNK = 256 * 1024  # bytes of a question to the archive
OGG, WAV, M4A = "ogg", "wav", "m4a"
MEDIA_TYPES = {OGG: "audio/ogg", WAV: "audio/wav", M4A: "audio/mp4"}
PRIVATE = {"Cache-Control": "no-store"}
MOST = 10**15


def audio(
    request: HttpRequest, who: dict[str, str], task_id: str, track: int | None, kind: str
) -> Generator[Ask, Any, HttpResponse | None]:
    """Answer with the recording of a task; None: there is none.

    Args:
        who: `account_id` and `key_id`.
        track: None = the first that was recorded.
        kind: `ogg`, with ranges; `wav` or `m4a`, whole only.

    Raises: PeerError if it is refused.
    """
    known: rpc.GetAudioReply = yield rpc.GetAudioRequest(**who, task_id=task_id)
    found = [one for one in known.tracks if track in (None, one.track)]
    if not found:
        return None
    ask = rpc.ReadAudioRequest(account_id=who["account_id"], task_id=task_id, track=found[0].track)
    if kind == OGG:
        return _stored(request, ask, found[0].bytes)
    return _converted(ask, found[0], kind)


def _stored(request: HttpRequest, ask: rpc.ReadAudioRequest, size: int) -> HttpResponse:
    wanted = byte_range(request.headers.get("range", ""), size)
    headers = PRIVATE | {"Accept-Ranges": "bytes"}
    if wanted is None:
        body = Pieces(MEDIA_TYPES[OGG], _bytes(ask, 0, size))
        return HttpResponse(200, body, headers | {"Content-Length": str(size)})
    start, end = wanted
    if start >= end:
        return HttpResponse(416, None, headers | {"Content-Range": f"bytes */{size}"})
    headers |= {"Content-Range": f"bytes {start}-{end - 1}/{size}", "Content-Length": str(end - start)}
    return HttpResponse(206, Pieces(MEDIA_TYPES[OGG], _bytes(ask, start, end)), headers)


def _converted(ask: rpc.ReadAudioRequest, track: rpc.TrackAudio, kind: str) -> HttpResponse:
    pieces = _bytes(ask, 0, track.bytes)
    if kind == M4A:
        return HttpResponse(200, Pieces(MEDIA_TYPES[M4A], pieces, M4A), PRIVATE)
    return HttpResponse(200, Pieces(MEDIA_TYPES[WAV], pieces, "pcm", wav_header(track.samples)), PRIVATE)


def _bytes(ask: rpc.ReadAudioRequest, start: int, end: int) -> Generator[Any, Any, None]:
    """The bytes of a range, a chunk at a time: a long recording is never in memory at once."""
    while start < end:
        wanted = min(CHUNK, end - start)
        reply: rpc.ReadAudioReply = yield rpc.ReadAudioRequest(
            account_id=ask.account_id, task_id=ask.task_id, track=ask.track, offset=start, limit=wanted
        )
        if len(reply.data) != wanted:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "the recording is not there any more")
        yield reply.data
        start += wanted


def wav_header(samples: int) -> bytes:
    """Return the header of a WAV file of PCM s16le mono 16 kHz."""
    size = min(samples * BYTES_PER_SAMPLE, 2**32 - 1 - 36)
    rate = SAMPLE_RATE * BYTES_PER_SAMPLE
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SAMPLE_RATE, rate, BYTES_PER_SAMPLE, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte and the one behind the last of a `Range` header; None: the whole is wanted.

    A range that cannot be served is empty. Several ranges, and what is none, count as no range.
    """
    unit, _, wanted = header.replace(" ", "").partition("=")
    first, dash, last = wanted.partition("-")
    if unit.lower() != "bytes" or not dash or "," in wanted or not (first or last):
        return None
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in (first, last) if word):
        return None
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)
