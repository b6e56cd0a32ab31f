"""Recordings in other formats: Ogg Opus in, PCM or M4A out, as it comes. Blocking: for a thread."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_edge.model.g711 import Samples

OPUS_RATE = 48_000
HEADER = 27  # bytes of an Ogg page before its lacing
HEADERS = (b"OpusHead", b"OpusTags")
BIT_RATE = 48_000
FRAGMENT_US = 5_000_000


class Converter(Protocol):
    """Takes a file in pieces of any size."""

    def feed(self, data: bytes) -> bytes:
        """Take a piece; what of the result there is."""

    def finish(self) -> bytes:
        """There are no more pieces: the rest of the result."""


class OpusReader:
    """Decodes an Ogg Opus file of one mono stream; what is to be skipped is left out."""

    def __init__(self) -> None:
        self._rest = b""
        self._codec: Any = None
        self._skip = 0
        self._decoded = 0

    def samples(self, data: bytes) -> Iterator[Samples]:
        """Yield samples at 48 kHz of the pages that are whole now."""
        self._rest += data
        while page := self._page():
            yield from self._of(*page)

    def _page(self) -> tuple[int, bool, list[bytes]] | None:
        if len(self._rest) < HEADER or len(self._rest) < HEADER + self._rest[26]:
            return None
        lacing = self._rest[HEADER : HEADER + self._rest[26]]
        begin = HEADER + len(lacing)
        if len(self._rest) < begin + sum(lacing):
            return None
        granule, is_last = int.from_bytes(self._rest[6:14], "little"), bool(self._rest[5] & 4)
        packets, size = [], 0
        for segment in lacing:
            size += segment
            if segment < 255:
                packets.append(self._rest[begin : begin + size])
                begin, size = begin + size, 0
        self._rest = self._rest[begin:]
        return granule, is_last, packets

    def _of(self, granule: int, is_last: bool, packets: list[bytes]) -> Iterator[Samples]:
        if packets and packets[0].startswith(HEADERS):
            if packets[0].startswith(HEADERS[0]):
                self._open(packets[0])
            return
        made = [samples for packet in packets for samples in self._decode(packet)]
        joined = np.concatenate(made) if made else np.empty(0, np.int16)
        self._decoded += len(joined)
        if is_last and self._decoded > granule:
            joined = joined[: len(joined) - (self._decoded - granule)]
        skipped = min(self._skip, len(joined))
        self._skip -= skipped
        yield joined[skipped:]

    def _open(self, head: bytes) -> None:
        import av

        self._skip = int.from_bytes(head[10:12], "little")
        self._codec = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = OPUS_RATE
        without_skip = head[:10] + bytes(2) + head[12:]  # the decoder would skip, too
        self._codec.extradata = without_skip
        self._codec.open()

    def _decode(self, packet: bytes) -> Iterator[Samples]:
        import av

        for frame in self._codec.decode(av.Packet(packet)):
            yield frame.to_ndarray().reshape(-1)


class Pcm:
    """PCM s16le mono 16 kHz."""

    def __init__(self) -> None:
        import soxr

        self._reader = OpusReader()
        self._resampler = soxr.ResampleStream(OPUS_RATE, SAMPLE_RATE, 1, dtype="int16")

    def feed(self, data: bytes) -> bytes:
        """Decode a piece; returns the samples of its whole pages."""
        made = [self._resampler.resample_chunk(samples) for samples in self._reader.samples(data)]
        return b"".join(samples.tobytes() for samples in made)

    def finish(self) -> bytes:
        """Return the last samples of the resampler."""
        rest: bytes = self._resampler.resample_chunk(np.empty(0, np.int16), last=True).tobytes()
        return rest


class M4a:
    """AAC in fragmented MP4, which needs no place to go back to."""

    def __init__(self) -> None:
        import av

        self._pcm = Pcm()
        self._out = _Sink()
        movflags = "frag_keyframe+empty_moov+default_base_moof"
        options = {
            "movflags": movflags,
            "frag_duration": str(FRAGMENT_US),
            "min_frag_duration": str(FRAGMENT_US),
        }
        self._container: Any = av.open(self._out, "w", format="mp4", options=options)
        self._stream: Any = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        self._stream.bit_rate = BIT_RATE
        self._sent = 0

    def feed(self, data: bytes) -> bytes:
        """Encode a piece anew; returns the fragments that are whole."""
        self._encode(self._pcm.feed(data))
        return self._out.take()

    def finish(self) -> bytes:
        """Return the last fragment and the end of the file."""
        self._encode(self._pcm.finish())
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
        return self._out.take()

    def _encode(self, pcm: bytes) -> None:
        import av

        if not pcm:
            return
        samples = np.frombuffer(pcm, np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, self._sent = self._sent, self._sent + samples.shape[1]
        for packet in self._stream.encode(frame):
            self._container.mux(packet)


class _Sink:
    """What a container writes."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        written, self._written = self._written, []
        return b"".join(written)


CONVERTERS: dict[str, type[Converter]] = {"pcm": Pcm, "m4a": M4a}
