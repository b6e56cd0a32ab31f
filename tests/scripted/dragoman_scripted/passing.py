"""Engines that do nothing, for benchmarks of everything around them: as much speech comes out as went in."""

from collections.abc import Iterator

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_scripted.engines import LANGUAGES, ScriptedSynthesiser, ScriptedTranslator
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Audio, DecodeOptions, HeardWord, Hypothesis, Pcm
from dragoman_stt.settings import SttSettings
from dragoman_translation.engines.base import Job
from dragoman_translation.settings import TranslationSettings
from dragoman_tts.engines.base import Piece, Voice
from dragoman_tts.settings import TtsSettings

WORD_MS = 240
SILENCE = bytes(2 * FRAME)
SPOKEN = np.full(WORD_MS * SAMPLE_RATE // 1000, 1000, np.int16)


class PassingRecogniser:
    """A word for each 240 ms of the window."""

    name = "passing"

    def languages(self) -> list[str]:
        """A few."""
        return list(LANGUAGES)

    def warm(self) -> None:
        """Nothing to load."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """As many words as fit."""
        count = len(audio) * 1000 // SAMPLE_RATE // WORD_MS
        words = tuple(HeardWord(" word", n * WORD_MS, (n + 1) * WORD_MS, 1.0) for n in range(count))
        return Hypothesis(" ".join(["word"] * count), "en", 1.0, words, 1.0)


class PassingActivity:
    """Speech is what is not silence."""

    def track(self) -> "PassingActivity":
        """It has no state."""
        return self

    def __call__(self, frame: Pcm) -> float:
        """1 or 0."""
        return 0.0 if frame.tobytes() == SILENCE else 1.0


class PassingTranslator(ScriptedTranslator):
    """The text as it is."""

    name = "passing"

    async def translate(self, job: Job) -> str:
        """Unchanged."""
        return job.text


class PassingSynthesiser(ScriptedSynthesiser):
    """The same sound for every word."""

    name = "passing"

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """As long as the words were."""
        yield Piece(np.tile(SPOKEN, len(text.split())), ())


def recogniser(settings: SttSettings) -> PassingRecogniser:
    """For the entry point."""
    return PassingRecogniser()


def activity(settings: SttSettings) -> PassingActivity:
    """For the entry point."""
    return PassingActivity()


def translator(settings: TranslationSettings) -> PassingTranslator:
    """For the entry point."""
    return PassingTranslator()


def synthesiser(settings: TtsSettings) -> PassingSynthesiser:
    """For the entry point."""
    return PassingSynthesiser()
