"""What a speaker says in one session, and what came of it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_cli.results import Results, ServerEvent, Utterance
from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_scripted.tones import WORD, numbers, pcm_to_words, words_to_pcm

WORDS = 2  # of an utterance
FRAMES_OF_A_SECOND = 5
# A hundred speakers share two processors with the mesh that hears them; what is left is for the recoveries.
FRAME_BYTES = BYTES_PER_S // FRAMES_OF_A_SECOND
HEARD_WITHIN_S = 90.0
# How a session ends whose store has lost it, once its grace is over: by accounts' word, or without one.
STORE_LOST = (
    "the store has lost the session",
    "there is no such session",
    "the accounts service cannot be reached",
)


@dataclass(slots=True)
class Talk:
    """A speaker's words in one session, numbers from `first` to before `end`, and what came of them."""

    first: int
    end: int
    said: list[int] = field(default_factory=list)
    results: Results = field(default_factory=Results)
    words: int = WORDS  # of an utterance
    utterances: dict[str, Utterance] = field(default_factory=dict)  # what came, while it is still to end
    audio: bytearray = field(default_factory=bytearray)
    seen: Counter[str] = field(default_factory=Counter)  # results by kind
    _spoken: int = 0  # words in the audio that was looked at
    _looked: int = 0  # bytes of it

    def show(self, event: ServerEvent) -> None:
        """For `translate`: a result came."""
        self.seen[event.kind] += 1
        self.audio += event.audio
        if event.utterance is not None:
            self.utterances[event.utterance.id] = event.utterance

    @property
    def translated(self) -> int:
        """Count the words whose translation has come."""
        return sum(len(numbers(one.translation)) for one in self.utterances.values())

    @property
    def heard(self) -> bool:
        """Whether each word has been translated and spoken."""
        return self.translated >= len(self.said) and self.spoken >= len(self.said)

    @property
    def spoken(self) -> int:
        """Count the words in the audio that has come; each is looked for once.

        Looking for all of them again and again took this process from the proxies for minutes.
        """
        found = pcm_to_words(bytes(self.audio[self._looked :]))
        if found:
            self._spoken += len(found)
            self._looked += (found[-1][1] + WORD) * BYTES_PER_SAMPLE
        return self._spoken

    async def frames(self, silence: bytes, over: asyncio.Event) -> AsyncIterator[bytes]:
        """Utterances until it is over, or the numbers are used up; then silence until all was heard."""
        pcm = bytes(BYTES_PER_S)
        while not over.is_set() and self.first + len(self.said) + self.words <= self.end:
            words = list(range(self.first + len(self.said), self.first + len(self.said) + self.words))
            pcm += words_to_pcm(words) + silence
            self.said += words
            for start in range(0, len(pcm), FRAME_BYTES):
                yield pcm[start : start + FRAME_BYTES]
            pcm = b""
        ended = time.monotonic()
        while not self.heard and time.monotonic() - ended < HEARD_WITHIN_S:
            for _ in range(FRAMES_OF_A_SECOND):
                yield bytes(FRAME_BYTES)

    @property
    def ended_by_loss(self) -> bool:
        """Whether its session ended because the store had lost it."""
        return any(error["description"] in STORE_LOST for error in self.results.errors)

    def forget_unheard(self) -> None:
        """What was said after the end of the session was said to nobody; the client knew it at once."""
        self.results.errors = [e for e in self.results.errors if e["description"] not in STORE_LOST]
        heard = {word for u in self.results.utterances.values() for word in numbers(u.transcript)}
        while self.said and self.said[-1] not in heard:
            del self.said[-1]

    @property
    def finals(self) -> list[float]:
        """When they came (Unix seconds)."""
        return [u.transcript_at for u in self.results.utterances.values() if u.transcript_at]

    @property
    def translations(self) -> list[float]:
        """When they came (Unix seconds)."""
        return [u.translation_at for u in self.results.utterances.values() if u.translation_at]
