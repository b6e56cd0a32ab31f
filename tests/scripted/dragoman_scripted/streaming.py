"""A streaming recogniser of words that are tones: it keeps the state of a stream and finds the endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_scripted.engines import LANGUAGES, LOUD
from dragoman_scripted.tones import WORD, name, pcm_to_words
from dragoman_stt.engines.base import (
    HeardWord,
    Hypothesis,
    Pcm,
    StreamAudio,
    StreamOptions,
    StreamUpdate,
)
from dragoman_stt.settings import SttSettings

SILENCE_MS = 500


@dataclass
class Stream:
    """The samples of the open utterance, from sample `start` of the stream on."""

    options: StreamOptions
    start: int = 0
    pcm: Pcm = field(default_factory=lambda: np.zeros(0, np.int16))


class ScriptedStreaming:
    """Ends an utterance after half a second of silence, or as the client wants it."""

    name = "scripted-streaming"

    def __init__(self) -> None:
        self.steps: list[int] = []  # streams of each step

    def languages(self) -> list[str]:
        """A few."""
        return list(LANGUAGES)

    def warm(self) -> None:
        """Nothing to load."""

    def open(self, options: StreamOptions) -> Stream:
        """Nothing heard yet."""
        return Stream(options)

    def step(self, audio: Sequence[StreamAudio]) -> list[list[StreamUpdate]]:
        """The words so far."""
        self.steps.append(len(audio))
        return [_listen(item) for item in audio]


def _listen(item: StreamAudio) -> list[StreamUpdate]:
    stream: Stream = item.stream
    stream.pcm = np.concatenate([stream.pcm, item.pcm])
    found = pcm_to_words(stream.pcm.tobytes())
    if not found:
        return []
    loud = np.flatnonzero(np.abs(stream.pcm) > LOUD)
    silent_ms = _ms(len(stream.pcm) - int(loud[-1]))
    over = item.end or silent_ms >= (stream.options.silence_ms or SILENCE_MS)
    language = (stream.options.languages or ("en",))[0]
    words = tuple(
        HeardWord(f" {name(number)}", _ms(stream.start + place), _ms(stream.start + place + WORD), 1.0)
        for number, place in found
    )
    text = "".join(word.text for word in words).strip()
    heard = Hypothesis(text, language, 1.0, words, 1.0)
    update = StreamUpdate(heard, words[0].start_ms, words[-1].end_ms, len(text), over)
    if over:
        stream.start, stream.pcm = stream.start + len(stream.pcm), stream.pcm[:0]
    return [update]


def _ms(samples: int) -> int:
    return samples * 1000 // SAMPLE_RATE


def recogniser(settings: SttSettings) -> ScriptedStreaming:
    """For the entry point."""
    return ScriptedStreaming()
