"""Recordings in other formats, fed in pieces of any size."""

import io

import av
import numpy as np
import pytest

from dragoman_archive.recordings import ogg
from dragoman_edge.media.recorder import FRAME_BYTES
from dragoman_edge.media.transcoding import CONVERTERS
from tests.support.audio_pieces import RATE, cuts_of, likeness, pieces_of, sound

SPOKEN = sound(3.21)


def file() -> bytes:
    """As the archive makes it."""
    made, sequence = [ogg.head(1)], 2
    for cut, piece in zip(cuts := cuts_of(SPOKEN.tobytes()), pieces_of(cuts), strict=True):
        granule = (cut.start + len(cut.pcm) // FRAME_BYTES) * 2880
        flags = ogg.END if cut.end_sample else 0
        if cut.end_sample:
            granule = ogg.PRE_SKIP + cut.end_sample * 3
        made.append(ogg.page(ogg.body(piece.packets), granule, 1, sequence, flags))
        sequence += 1
    return b"".join(made)


def converted(kind: str, width: int) -> bytes:
    converter, data = CONVERTERS[kind](), file()
    made = [converter.feed(data[start : start + width]) for start in range(0, len(data), width)]
    return b"".join(made) + converter.finish()


@pytest.mark.parametrize("width", [97, 100_000])
def test_pcm_is_as_long_as_what_was_sent(width: int) -> None:
    samples = np.frombuffer(converted("pcm", width), np.int16)
    assert len(samples) == len(SPOKEN) and likeness(samples, SPOKEN) > 0.95


def test_m4a_is_played_by_another_reader() -> None:
    with av.open(io.BytesIO(converted("m4a", 4000)), "r") as container:
        (stream,) = container.streams
        assert stream.codec_context.name == "aac"
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(samples - len(SPOKEN)) <= 3 * 1024 and samples > 3 * RATE
