"""Speech of a sentence as the VAS API wants it: one MP3 and the places of its words (seed: "tts_ready")."""

import base64
from typing import Any

import lameenc

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_edge.dialects.vas.word_marks import marks

BIT_RATE = 48  # kbit/s: speech of 16 kHz needs no more
FRAME_MS = 36  # MPEG-2 Layer III: 576 samples at 16 kHz
FRAME_BYTES = BIT_RATE * FRAME_MS // 8
DELAY_MS = 69  # silence before the speech: 576 samples of the encoder and 529 of every decoder
QUALITY = 5  # of LAME, 2 (slow) to 7: a second of speech takes about a millisecond
LONGEST_S = 300  # of one sentence; what is longer is left out, so that the memory is bounded


class Recording:
    """The speech of one sentence in one language, encoded as it comes."""

    def __init__(self) -> None:
        self._encoder: Any = lameenc.Encoder()
        self._encoder.set_bit_rate(BIT_RATE)
        self._encoder.set_in_sample_rate(SAMPLE_RATE)
        self._encoder.set_channels(1)
        self._encoder.set_quality(QUALITY)
        self._encoder.silence()
        self._mp3 = bytearray()
        self._samples = 0
        self._boundaries: list[ev.Boundary] = []

    def add(self, chunk: ev.SpeechChunk) -> None:
        """One more piece, in order."""
        if chunk.audio and self._samples < LONGEST_S * SAMPLE_RATE:
            self._mp3 += self._encoder.encode(chunk.audio)
            self._samples += len(chunk.audio) // BYTES_PER_SAMPLE
            self._boundaries += chunk.boundaries

    def mp3(self) -> bytes:
        """Return the whole as MP3, once: nothing can be added to it."""
        if self._samples:
            self._mp3 += self._encoder.flush()
        return bytes(self._mp3)

    def finish(self, text: str) -> dict[str, Any]:
        """The fields of `tts_ready` that are about the sound; `text` is what was spoken."""
        mp3 = self.mp3()
        return {
            "audio": base64.b64encode(mp3).decode(),
            "format": "mp3",
            "duration_ms": len(mp3) // FRAME_BYTES * FRAME_MS,
            "boundaries": [_boundary(kind, one, text) for kind, one in marks(self._boundaries, text)],
        }


def _boundary(kind: str, boundary: ev.Boundary, text: str) -> dict[str, Any]:
    word = text[boundary.text_offset : boundary.text_offset + boundary.text_length]
    return {
        "offset_ms": boundary.offset_ms + DELAY_MS,
        "duration_ms": boundary.duration_ms,
        "text_offset": boundary.text_offset,
        "word_length": boundary.text_length,
        "text": word,
        "boundary_type": kind,
    }
