"""English to be recognised: sentences of our own read by the demo's voice, or recordings."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_tts.demo import say

BYTES_PER_S = SAMPLE_RATE * BYTES_PER_SAMPLE
PAUSE_S = 0.8
SENTENCES = (
    "The morning train to the coast was late again, so we had time for a second cup of coffee.",
    "My neighbour keeps bees behind the old stone wall.",
    "In summer they fly over the river to the lime trees, and in autumn he gives us a jar of honey.",
    "Nobody in the village remembers who built the bridge.",
    "The engineer said that it would stand for a hundred years, if the water stays below the second arch.",
    "Please write down your name, your address and the number of people who will come with you.",
    "We can meet at the library on Thursday, or in the garden if the weather is good.",
    "She opened the window and listened to the rain on the roof.",
    "Three of the five boats came back before the storm, and the other two waited behind the island.",
    "After dinner the children asked for one more story about the lighthouse.",
    "Wait a moment.",
    "The museum is closed on Mondays, "
    "but the small gallery next to the market has an exhibition of old maps.",
    "Turn left at the baker's shop.",
    "Because the harvest was early this year, "
    "the farmers had already sold most of their apples in September.",
    "How much does a ticket to the island cost?",
    "My grandmother learned to ride a bicycle when she was sixty years old, and she never stopped smiling.",
    "It was too cold to swim.",
    "The committee will read every letter, and the answer will be sent to you before the end of the month.",
    "Do you know when the last bus leaves?",
    "He repaired the clock in the tower, wound it up, and waited until it struck twelve for the first time.",
)
SHORT = 5  # sentences that are enough where many clients speak


@dataclass(frozen=True, slots=True)
class Sentence:
    """What lies between two seconds of the recording; text is empty when nobody knows it."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Canonical audio and where its sentences are."""

    pcm: bytes
    sentences: tuple[Sentence, ...]
    language: str = "en"

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.pcm) / BYTES_PER_S

    def with_tail(self, seconds: float) -> "Reading":
        """Silence behind it, as a microphone goes on sending."""
        return replace(self, pcm=self.pcm + bytes(int(seconds * SAMPLE_RATE) * BYTES_PER_SAMPLE))


def read_aloud(texts: Iterable[str] = SENTENCES) -> Reading:
    """The demo's voice, a pause before, between and after the sentences."""
    return _joined([(say(text, "en-us"), text) for text in texts])


def recorded(paths: Iterable[Path]) -> Reading:
    """Recordings, 16 kHz mono, one after another; each counts as one sentence.

    Raises:
        ValueError: another rate or several channels.
    """
    pieces = []
    for path in paths:
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
        if rate != SAMPLE_RATE or samples.shape[1] != 1:
            raise ValueError(f"{path} is not 16 kHz mono")
        pieces.append((samples.tobytes(), ""))
    return _joined(pieces)


def _joined(pieces: list[tuple[bytes, str]]) -> Reading:
    pause = bytes(int(PAUSE_S * SAMPLE_RATE) * BYTES_PER_SAMPLE)
    pcm, sentences = bytearray(pause), []
    for piece, text in pieces:
        start = len(pcm)
        first, last = _loud(piece)
        pcm += piece + pause
        sentences.append(Sentence((start + first) / BYTES_PER_S, (start + last) / BYTES_PER_S, text))
    return Reading(bytes(pcm + pause), tuple(sentences))


def _loud(piece: bytes) -> tuple[int, int]:
    """The bytes between which there is more than silence."""
    samples = np.abs(np.frombuffer(piece, np.int16).astype(np.int32))
    loud = np.flatnonzero(samples > max(200, samples.max(initial=0) * 0.02))
    if not len(loud):
        return 0, len(piece)
    return int(loud[0]) * BYTES_PER_SAMPLE, int(loud[-1]) * BYTES_PER_SAMPLE
