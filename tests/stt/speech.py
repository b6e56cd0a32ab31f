"""Speech for the tests, made once."""

from functools import lru_cache
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines.base import Audio
from dragoman_tts.demo import say
from dragoman_tts.engines.espeak import Espeak
from dragoman_tts.speech import speak
from dragoman_tts.voices import pick

ENGLISH = "Good morning, and welcome to the house of the interpreters."


@lru_cache
def said(text: str = ENGLISH) -> bytes:
    """English by the best voice that is installed, as canonical audio."""
    return say(text, "en-us")


@lru_cache
def said_in(language: str, text: str) -> bytes:
    """Another language by eSpeak NG."""
    engine = Espeak()
    voice, _ = pick(engine.voices(), language, ())
    return b"".join(chunk.pcm for chunk in speak(engine, text, voice, 0.9, 100))


def audio(pcm: bytes) -> Audio:
    """Canonical audio as the engines want it."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0


def noise(seconds: float, level: float) -> Audio:
    """White noise, always the same."""
    made = np.random.default_rng(7).normal(0, level, int(seconds * SAMPLE_RATE))
    return made.astype(np.float32)


def pink(samples: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Noise as of a street or a fan (1/f), of level 1, always the same."""
    spectrum = np.fft.rfft(np.random.default_rng(7).normal(size=samples))
    made = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), samples)
    return np.asarray(made / made.std())


def hum(seconds: float, hertz: float = 440.0, level: float = 0.1) -> Audio:
    """A tone."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def bare(text: str) -> list[str]:
    """The words without case and punctuation."""
    return "".join(c for c in text.lower() if c.isalnum() or c == " ").split()


def word_errors(wanted: str, got: str) -> float:
    """Word error rate."""
    reference, heard = bare(wanted), bare(got)
    row = list(range(len(heard) + 1))
    for i, word in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / len(reference)
