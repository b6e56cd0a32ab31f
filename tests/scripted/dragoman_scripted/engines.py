"""The engines: recognise, translate and speak words that are tones. Some words make them misbehave."""

import asyncio
import os
import re
import time
from collections.abc import Iterator

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.events import OtherLanguages
from dragoman_scripted.tones import GAP, WORD, name, numbers, pcm_to_words, words_to_pcm
from dragoman_stt.engines.base import Audio, DecodeOptions, HeardWord, Hypothesis, Pcm
from dragoman_stt.settings import SttSettings
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.settings import TranslationSettings
from dragoman_tts.engines.base import Mark, Piece, Voice
from dragoman_tts.settings import TtsSettings

LANGUAGES = ("en", "es", "fr", "de", "hi", "it", "pt", "nl", "pl")
LOUD = 500  # a frame with a louder sample may be speech
SURE = 5000  # and with one so loud it is
MAYBE = 0.5  # probability of a frame between the two
HINT = "words begin with "  # in a context: and the words do
NATIVE = {"hi": "नमस्ते:"}  # words of a language with another script begin like this

# Words that make a stage misbehave: 0xF<stage><what>0.
STT, TRANSLATION, TTS = 1, 2, 3
SLOW, FAIL, HANG, CRASH = 1, 2, 3, 4
SLOW_S = 1.0
_WORD = re.compile("w[0-9a-f]+")
STOP = 0xE000  # added to a word: it ends a sentence
IN_DUTCH = 0xD000  # a word that is Dutch whatever was named
UNSURE = 0xC000  # and a percentage: a word that is heard with that confidence
VOICE = 0xB000  # and a digit above the last two: a word in that voice; all others are in voice 0


def trouble(stage: int, what: int) -> int:
    """The word that makes a stage slow, fail, hang or crash."""
    return 0xF000 | stage << 8 | what << 4


def _wish(stage: int, said: list[int]) -> int:
    return next((w >> 4 & 15 for w in said if w >> 12 == 15 and w >> 8 & 15 == stage), 0)


def _misbehave(what: int) -> None:
    if what == SLOW:
        time.sleep(SLOW_S)
    elif what == FAIL:
        raise MeshError(FaultCode.ENGINE_FAILED, "told to fail")
    elif what == HANG:
        time.sleep(3600)
    elif what == CRASH:
        os._exit(9)


class ScriptedRecogniser:
    """Reads the tones."""

    name = "scripted"

    def languages(self) -> list[str]:
        """A few."""
        return list(LANGUAGES)

    def warm(self) -> None:
        """Nothing to load."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """The words in the window."""
        found = pcm_to_words((audio * 32768).astype(np.int16).tobytes())
        said = [number for number, _ in found]
        if options.final:
            _misbehave(_wish(STT, said))
        language = (options.languages or ("en",))[0].partition("-")[0]
        other = IN_DUTCH in said and options.others in (OtherLanguages.LABEL, OtherLanguages.LEAVE_OUT)
        if other and options.others is OtherLanguages.LEAVE_OUT:
            return Hypothesis("", "nl", 1.0, other=True)
        language = "nl" if other else language
        # The hint shows with which context an utterance was recognised.
        before = options.context.partition(HINT)[2] + NATIVE.get(language, "")
        texts = [before + name(n) + "." * (n & 0xFF00 == STOP) for n in said]
        places = [(_ms(place), _ms(place + WORD)) for _, place in found]
        sure = [n % 256 / 100 if n & ~255 == UNSURE else 1.0 for n in said]
        words = tuple(HeardWord(" " + t, *at, p) for t, at, p in zip(texts, places, sure, strict=True))
        return Hypothesis(" ".join(texts), language, 1.0, words, min(sure, default=1.0), other=other)


def _ms(samples: int) -> int:
    return samples * 1000 // SAMPLE_RATE


class LoudnessActivity:
    """Speech is what is loud."""

    def track(self) -> "LoudnessActivity":
        """It has no state."""
        return self

    def __call__(self, frame: Pcm) -> float:
        """1, 0, or between for what is quiet."""
        loudest = np.abs(frame).max()
        return 1.0 if loudest > SURE else MAYBE if loudest > LOUD else 0.0


class ScriptedEncoder:
    """A voice is what the first word says that it is."""

    def voice(self, audio: Audio) -> Audio:
        """A direction of its own for each of sixteen voices."""
        said = [number for number, _ in pcm_to_words((audio * 32768).astype(np.int16).tobytes())]
        made = np.zeros(16, np.float32)
        made[next((n >> 8 & 15 for n in said if n & 0xF000 == VOICE), 0)] = 1
        return made


class ScriptedTranslator:
    """`w0012` becomes `es:w0012`."""

    name = "scripted"
    heeds = frozenset({"preceding"})  # so that a text that misbehaves does so once

    def pairs(self) -> list[Pair]:
        """All of them."""
        return [Pair(s, t) for s in LANGUAGES for t in LANGUAGES if s != t]

    async def warm(self, pairs: list[Pair]) -> None:
        """Nothing to load."""

    async def translate(self, job: Job) -> str:
        """Word by word."""
        said = numbers(job.text)
        what = _wish(TRANSLATION, said)
        if what == HANG:
            await asyncio.sleep(3600)
        _misbehave(what)
        # So do those of the labels.
        before = job.source_label.partition(HINT)[2] + job.label.partition(HINT)[2]
        return " ".join(f"{before}{job.target}:{name(n)}" for n in said)

    async def close(self) -> None:
        """Nothing to let go."""


def voice_number(name: str) -> int:
    """The word that a voice says for a text that has none: 1, 2, 3 …"""
    _, language, gender = name.split("-")
    return LANGUAGES.index(language) * 2 + ("male", "female").index(gender) + 1


class ScriptedSynthesiser:
    """Speaks the words as tones, one piece each."""

    name = "scripted"

    def voices(self) -> list[Voice]:
        """A male and a female voice of each language."""
        return [
            Voice(f"scripted-{language}-{gender}", language, gender, SAMPLE_RATE, self.name)
            for language in LANGUAGES
            for gender in ("male", "female")
        ]

    def warm(self) -> None:
        """Nothing to load."""

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """One piece for each word, with its place; a text of other words is the number of the voice."""
        if any(map(str.isalnum, text)) and not _WORD.search(text.lower()):
            yield Piece(np.frombuffer(words_to_pcm([voice_number(voice.id)]), np.int16))
            return
        said = numbers(text)
        _misbehave(_wish(TTS, said))
        place = 0
        for number in said:
            place = max(text.lower().find(name(number), place), 0)
            mark = Mark(0, _ms(WORD + GAP), place, len(name(number)))
            yield Piece(np.frombuffer(words_to_pcm([number]), np.int16), (mark,))
            place += len(name(number))


def recogniser(settings: SttSettings) -> ScriptedRecogniser:
    """For the entry point."""
    return ScriptedRecogniser()


def activity(settings: SttSettings) -> LoudnessActivity:
    """For the entry point."""
    return LoudnessActivity()


def speaker_encoder(settings: SttSettings) -> ScriptedEncoder:
    """For the entry point."""
    return ScriptedEncoder()


def translator(settings: TranslationSettings) -> ScriptedTranslator:
    """For the entry point."""
    return ScriptedTranslator()


def synthesiser(settings: TtsSettings) -> ScriptedSynthesiser:
    """For the entry point."""
    return ScriptedSynthesiser()
