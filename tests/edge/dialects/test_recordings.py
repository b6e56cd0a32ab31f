"""Recordings over HTTP: ranges, and a file that ends while it is read."""

import io
import wave
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.recordings import CHUNK, audio, byte_range, wav_header
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces

WHO = {"account_id": "a_1", "key_id": "k_1"}
SIZE = CHUNK + 1000
TRACKS = rpc.GetAudioReply(
    tracks=(rpc.TrackAudio(track=0, samples=48_000, bytes=SIZE), rpc.TrackAudio(track=1, samples=5, bytes=7))
)


@pytest.mark.parametrize(("header", "expected"), [
    ("", None), ("bytes=0-", (0, 100)), ("bytes=10-19", (10, 20)), ("bytes=-30", (70, 100)),
    ("bytes=0-0", (0, 1)), ("BYTES = 5-9999", (5, 100)), ("bytes=-9999", (0, 100)),
    ("bytes=100-", (100, 100)),
    ("bytes=9-3", (9, 4)), ("bytes=1-2,5-6", None), ("bytes=x-5", None), ("bytes=-", None),
    ("items=1-2", None), ("bytes=1", None), ("bytes=99999999999999999999-", None), ("bytes=\u0661-", None),
])  # fmt: skip
def test_a_range_is_what_the_standard_says(header: str, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == expected


def asked(track: int | None = None, kind: str = "ogg", **headers: str) -> HttpResponse | None:
    request = HttpRequest("GET", "/x", {}, {}, headers, b"", "::1", "", "n", "b")
    exchange = audio(request, WHO, "s_1", track, kind)
    assert next(exchange) == rpc.GetAudioRequest(**WHO, task_id="s_1")
    with pytest.raises(StopIteration) as done:
        exchange.send(TRACKS)
    answer: HttpResponse | None = done.value.value
    return answer


def read(answer: HttpResponse, file: bytes) -> bytes:
    """What goes out; the archive has `file`."""
    assert isinstance(answer.body, Pieces)
    made, reply = b"", None
    while True:
        try:
            piece: Any = answer.body.pieces.send(reply)
        except StopIteration:
            return made
        reply = None
        if isinstance(piece, bytes):
            made += piece
        else:
            assert piece.key_id == ""
            reply = rpc.ReadAudioReply(data=file[piece.offset : piece.offset + piece.limit])


def test_a_file_is_read_whole_or_in_part() -> None:
    file = bytes(range(250)) * (SIZE // 250) + bytes(SIZE % 250)
    whole = asked()
    assert whole is not None and whole.headers["Content-Length"] == str(SIZE) and read(whole, file) == file
    part = asked(range=f"bytes=50-{CHUNK + 99}")
    assert part is not None and part.status == 206
    assert part.headers["Content-Range"] == f"bytes 50-{CHUNK + 99}/{SIZE}"
    assert read(part, file) == file[50 : CHUNK + 100]
    nothing = asked(range="bytes=99999999-")
    assert nothing is not None and (nothing.status, nothing.headers["Content-Range"]) == (
        416,
        f"bytes */{SIZE}",
    )


def test_a_recording_that_is_deleted_meanwhile_is_broken_off() -> None:
    answer = asked()
    assert answer is not None
    with pytest.raises(PeerError):
        read(answer, bytes(CHUNK + 5))


def test_a_track_that_was_not_recorded_has_no_file() -> None:
    assert asked(track=2) is None
    other = asked(track=1)
    assert other is not None and other.headers["Content-Length"] == "7"


def test_other_formats_are_whole_files() -> None:
    wav, m4a = asked(kind="wav", range="bytes=1-2"), asked(kind="m4a")
    assert wav is not None and isinstance(wav.body, Pieces) and (wav.status, wav.body.convert) == (200, "pcm")
    assert wav.body.begin == wav_header(48_000)
    assert m4a is not None and isinstance(m4a.body, Pieces) and m4a.body.media_type == "audio/mp4"


def test_the_header_of_a_wav_file_is_read_by_another_reader() -> None:
    with wave.open(io.BytesIO(wav_header(3) + bytes(6))) as file:
        assert file.getparams()[:4] == (1, 2, 16_000, 3)
