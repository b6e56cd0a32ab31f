"""Speech for trying the mesh: a text of our own, spoken by the best voice that is installed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

from dragoman_contract.audio import SAMPLE_RATE, ms_to_samples
from dragoman_models.folder import ModelFolder
from dragoman_models.settings import ModelsSettings
from dragoman_tts.engines.base import Synthesiser
from dragoman_tts.engines.espeak import Espeak
from dragoman_tts.speech import speak

SENTENCES = (
    "Good morning, and welcome to the house of the interpreters.",
    "In the old cities of the east, a dragoman helped people to understand each other.",
    "Today a machine listens to your words and speaks them in another language.",
    "Thank you for your visit.",
)
PAUSE_MS = 1100


def make_demo_wav(path: Path, sentences: tuple[str, ...] = SENTENCES, language: str = "en-us") -> Path:
    """Write the sentences, with pauses, as a 16 kHz mono WAV file; returns its path."""
    pause = bytes(2 * ms_to_samples(PAUSE_MS))
    pcm = pause + b"".join(say(text, language) + pause for text in sentences)
    soundfile.write(path, np.frombuffer(pcm, "<i2"), SAMPLE_RATE, subtype="PCM_16")
    return path


def say(text: str, language: str) -> bytes:
    """One text as canonical audio."""
    engine = _engine()
    voices = [v for v in engine.voices() if v.language.lower().startswith(language[:2])]
    exact = [v for v in voices if v.language.lower() == language] or voices
    return b"".join(chunk.pcm for chunk in speak(engine, text, exact[0], 1.0, 100))


def _engine() -> Synthesiser:
    if find_spec("piper") is not None:
        from dragoman_tts.engines.piper import Piper

        piper = Piper(ModelFolder(ModelsSettings().folder))
        if piper.voices():
            return piper
    return Espeak()
