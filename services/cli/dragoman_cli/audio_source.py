"""Audio on its way to the server: in frames, at the pace of speech, and kept to be sent again."""

import asyncio
import time
from collections.abc import AsyncIterator

RATE = 16_000  # Hz
BYTES_PER_S = 2 * RATE
FRAME_MS = 20
FRAME_BYTES = FRAME_MS * BYTES_PER_S // 1000
TRAILING_SILENCE_S = 1.2  # what a microphone would go on sending
KEPT_S = 60  # audio that can be sent again


class Tape:
    """The audio as it comes, the last minute of it kept: a server that lost it is sent it again."""

    def __init__(self) -> None:
        self.start = self.end = 0  # bytes of the whole audio
        self.complete = False
        self._kept = bytearray()
        self._moved = asyncio.Condition()

    async def record(self, audio: AsyncIterator[bytes]) -> None:
        """All of it."""
        try:
            async for frame in audio:
                await self._add(frame)
        finally:
            self.complete = True
            async with self._moved:
                self._moved.notify_all()

    async def _add(self, frame: bytes) -> None:
        self._kept += frame
        self.end += len(frame)
        surplus = len(self._kept) - KEPT_S * BYTES_PER_S
        if surplus > 0:
            del self._kept[:surplus]
            self.start += surplus
        async with self._moved:
            self._moved.notify_all()

    async def read(self, place: int) -> bytes:
        """At most a second from byte `place` on, as soon as there is some; empty at the end."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.end > place or self.complete)
        begin = max(place, self.start) - self.start
        return bytes(self._kept[begin : begin + BYTES_PER_S])


async def paced(pcm: bytes, speed: float = 1.0, frame_bytes: int = FRAME_BYTES) -> AsyncIterator[bytes]:
    """`pcm` as frames (of 20 ms, if nothing else is said), paced as by `pace`."""

    async def frames() -> AsyncIterator[bytes]:
        for start in range(0, len(pcm), frame_bytes):
            yield pcm[start : start + frame_bytes]

    async for frame in pace(frames(), speed):
        yield frame


async def pace(frames: AsyncIterator[bytes], speed: float = 1.0) -> AsyncIterator[bytes]:
    """Frames no faster than `speed` times real time, then the silence that ends the last utterance."""
    begun, sent = 0.0, 0
    async for frame in _with_silence(frames):
        begun = begun or time.monotonic()
        ahead = begun + sent / BYTES_PER_S / speed - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
        sent += len(frame)
        yield frame


async def _with_silence(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for frame in frames:
        yield frame
    for _ in range(int(TRAILING_SILENCE_S * BYTES_PER_S) // FRAME_BYTES):
        yield bytes(FRAME_BYTES)
