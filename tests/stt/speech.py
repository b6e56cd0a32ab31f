"""Speech for the tests, made once."""

from difflib import SequenceMatcher
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


def faster(pcm: bytes, times: float) -> bytes:
    """The same speech said faster at the same pitch: pieces laid over each other where they fit best."""
    length, step, search = 512, 256, 160
    samples, window = np.frombuffer(pcm, "<i2").astype(np.float64), np.hanning(length)
    made = np.zeros(int(len(samples) / times) + 2 * length)
    place = 0
    for number in range(int((len(samples) - 2 * length - 2 * search) / (step * times))):
        wanted = int(number * step * times)
        if number:
            first = max(0, wanted - search)
            near = samples[first : wanted + length + search]
            fits = np.correlate(near, samples[place + step : place + step + length], "valid")
            wanted = first + int(np.argmax(fits))
        place = wanted
        made[number * step : number * step + length] += window * samples[place : place + length]
    return np.clip(made, -32768, 32767).astype("<i2").tobytes()


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


def lost(wanted: str, got: str) -> int:
    """The most words in a row of which a text has no counterpart."""
    reference, heard = bare(wanted), bare(got)
    changes = SequenceMatcher(None, reference, heard, autojunk=False).get_opcodes()
    return max(((b - a) - (d - c) for what, a, b, c, d in changes if what != "insert"), default=0)


def noises() -> dict[str, Audio]:
    """Sounds of three seconds in which nobody speaks."""
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    tone = {hertz: np.sin(2 * np.pi * hertz * time) for hertz in (50, 220, 277, 330, 440, 1000, 3000)}
    rumble = np.cumsum(np.random.default_rng(7).normal(size=len(time)))
    beats = np.sin(2 * np.pi * 2 * time) > 0.9
    forms = {
        "white": noise(3, 1.0),
        "pink": pink(len(time)),
        "rumble": (rumble - rumble.mean()) / rumble.std(),
        "mains": tone[50] + 0.5 * np.sin(2 * np.pi * 150 * time),
        "tone": tone[440],
        "whistle": tone[3000],
        "chord": (tone[220] + tone[277] + tone[330]) / 2,
        "chirp": np.sin(2 * np.pi * (200 + 500 * time) * time),
        "clicks": (np.arange(len(time)) % 4000 < 8).astype(float),
        "beats": beats * tone[1000],
        "melody": np.sin(2 * np.pi * np.repeat([262, 330, 392, 523, 392, 330], len(time) // 6) * time),
        "waves": pink(len(time)) * (1 + np.sin(2 * np.pi * 0.7 * time)) / 2,
        "bubbling": pink(len(time)) * (np.sin(2 * np.pi * 5 * time) > 0),
    }
    return {
        f"{name} at {level} dB": (10 ** (level / 20) * form).clip(-1, 1).astype(np.float32)
        for name, form in forms.items()
        for level in (-46, -34, -22, -12)
    }


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
