"""Opus for recordings, encoded beside the event loop in a thread that all sessions of a replica share."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dragoman_contract.audio import SAMPLE_RATE

FRAME = 960  # samples of a packet: 60 ms
DELAY = 104  # samples by which the encoder is late
BIT_RATE = 24_000
# CELT without its costly searches: half of the CPU of the speech mode, and nearer to what was said.
OPTIONS = {
    "application": "audio",
    "frame_duration": "60",
    "compression_level": "0",
    "vbr": "constrained",
}


class OpusEncoder:
    """One track's encoder; it keeps its state between calls. Not thread-safe."""

    def __init__(self) -> None:
        self._codec: Any = None
        self._sent = 0

    def encode(self, pcm: bytes, warm_up: bytes = b"") -> tuple[bytes, ...]:
        """Return the packets of whole frames of PCM (s16le mono 16 kHz), without those of `warm_up`."""
        packets = self._encode(warm_up + pcm)
        return tuple(packets[len(warm_up) // (2 * FRAME) :])

    def _encode(self, pcm: bytes) -> list[bytes]:
        import av  # loaded by the first session that is recorded: it costs time and memory

        if self._codec is None:
            self._codec = _codec()
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._sent
        frame.planes[0].update(pcm.ljust(frame.planes[0].buffer_size, b"\0"))
        self._sent += frame.samples
        return [bytes(packet) for packet in self._codec.encode(frame)]


def _codec() -> Any:
    import av

    codec: Any = av.CodecContext.create("libopus", "w")
    codec.sample_rate = SAMPLE_RATE
    codec.layout = "mono"
    codec.format = "s16"
    codec.bit_rate = BIT_RATE
    codec.options = OPTIONS
    codec.open()
    return codec


class OpusThread:
    """Encodes one piece after the other, for all sessions; the thread starts with the first."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "opus")

    async def encode(self, encoder: OpusEncoder, pcm: bytes, warm_up: bytes = b"") -> tuple[bytes, ...]:
        """Return the packets of `OpusEncoder.encode`; one call at a time for an encoder."""
        call = functools.partial(encoder.encode, pcm, warm_up)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
