"""The model of a directory of faster-whisper: encode, detect the language, generate, align. All of it blocks.

CTranslate2's encoder takes as many mel frames as it is given: a window of 3 s costs a fraction of 30 s. The
text stays the same as long as some silence follows the speech; without it words are invented at the edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines import plausible
from dragoman_stt.engines.base import Audio, HeardWord
from dragoman_stt.engines.whisper.foreign import Spelled, foreign, spelled
from dragoman_stt.engines.whisper.languages import ENGLISH
from dragoman_stt.scripts import LATIN

SHORTEST_S, LONGEST_S = 4.0, 29.5  # of what is encoded
HINT_TOKENS = 110  # of the vocabulary, and of the context: the decoder has 448 places for all
FRAMES_PER_S = 100
LONGEST_REPEAT, LONGEST_REPEAT_OF_ONE = 24, 16  # tokens: more of them again is a loop, which costs seconds


@dataclass(frozen=True, slots=True)
class Encoded:
    """A window as the decoder wants it; `frames` of it are audio, the rest is padding; `width` of a state."""

    states: Any
    frames: int
    width: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """Prompt of a decode: language, vocabulary, context, task; and the scripts it may write, none = any."""

    language: str
    vocabulary: tuple[str, ...] = ()
    context: str = ""
    translate: bool = False
    letters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Generated:
    """The tokens of the best hypothesis, times included; `logprob` is of one token."""

    tokens: list[int]
    logprob: float
    no_speech: float
    cut: bool  # at the limit of tokens
    tokenizer: Any

    @property
    def first_time(self) -> int:
        """Tokens from here on are times."""
        return int(self.tokenizer.timestamp_begin)

    @property
    def end(self) -> int:
        """Tokens before this one are text."""
        return int(self.tokenizer.eot)


class Model:
    """`threads` of one decode, `workers` decodes at a time."""

    def __init__(self, folder: Path, threads: int, workers: int, compute_type: str) -> None:
        from faster_whisper import WhisperModel

        self._foreign: dict[frozenset[str], tuple[int, ...]] = {}
        self._model: Any = WhisperModel(
            str(folder),
            device="auto",
            compute_type=compute_type,
            cpu_threads=threads,
            num_workers=workers,
            local_files_only=True,
        )

    def knows(self, code: str) -> bool:
        """Whether these weights have a language: Cantonese is new."""
        return self._model.hf_tokenizer.token_to_id(f"<|{code}|>") is not None

    def encode(self, audio: Audio, pad_s: float) -> Encoded:
        """A window with silence behind it."""
        seconds = min(LONGEST_S, max(SHORTEST_S, len(audio) / SAMPLE_RATE + pad_s))
        window = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
        used = min(len(audio), len(window))
        window[:used] = audio[:used]
        features = self._model.feature_extractor(window)
        features = features[:, : features.shape[1] // 2 * 2]
        states = self._model.encode(features)
        return Encoded(states, int(used / SAMPLE_RATE * FRAMES_PER_S), int(states.shape[-1]))

    def languages(self, encoded: Encoded) -> list[tuple[str, float]]:
        """Whisper's codes of all languages with their probabilities, the most probable first."""
        found = self._model.model.detect_language(encoded.states)[0]
        return sorted(((token[2:-2], float(p)) for token, p in found), key=lambda item: -item[1])

    def generate(
        self, encoded: Encoded, seconds: float, prompt: Prompt, beam: int, length_penalty: float
    ) -> Generated:
        """Decode with times. `seconds` of audio bound the tokens."""
        from faster_whisper.tokenizer import Tokenizer

        model, task = self._model, "translate" if prompt.translate else "transcribe"
        tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task=task, language=prompt.language
        )
        start = self._start(tokenizer, prompt)
        spoken = ENGLISH if prompt.translate else prompt.language
        latin = prompt.letters == {LATIN}
        limit = min(plausible.token_limit(spoken, seconds, latin), model.max_length - len(start))
        result = model.model.generate(
            encoded.states,
            [start],
            beam_size=beam,
            length_penalty=length_penalty,
            max_length=max(2 * limit, len(start) - 1 + limit),  # half of it is CTranslate2's limit, too
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=[*suppressed(tokenizer), *self._unwanted(prompt.letters)],
            max_initial_timestamp_index=50,
            no_repeat_ngram_size=LONGEST_REPEAT if beam > 1 else LONGEST_REPEAT_OF_ONE,
        )[0]
        tokens = result.sequences_ids[0]
        logprob = result.scores[0] if length_penalty else result.scores[0] / max(1, len(tokens))
        return Generated(tokens, logprob, result.no_speech_prob, len(tokens) >= limit - 1, tokenizer)

    @cached_property
    def _spelled(self) -> tuple[Spelled, ...]:
        tokenizer = self._model.hf_tokenizer
        return spelled(tokenizer.get_vocab(), tokenizer.token_to_id("<|endoftext|>"))

    def _unwanted(self, letters: frozenset[str]) -> tuple[int, ...]:
        """Tokens of other scripts; none when any script will do."""
        if letters and letters not in self._foreign:
            self._foreign[letters] = foreign(self._spelled, letters)
        return self._foreign.get(letters, ())

    def _start(self, tokenizer: Any, prompt: Prompt) -> list[int]:
        hint = tokenizer.decode(tokenizer.encode(", ".join(prompt.vocabulary))[:HINT_TOKENS])
        context = prompt.context.strip()
        previous = tokenizer.encode(" " + context)[-HINT_TOKENS:] if context else []
        start: list[int] = self._model.get_prompt(
            tokenizer, previous, without_timestamps=False, hotwords=hint or None
        )
        return start

    def words(
        self, encoded: Encoded, tokenizer: Any, tokens: Sequence[int], place: float
    ) -> tuple[HeardWord, ...]:
        """With times in the window, which the encoded part enters at second `place`."""
        if encoded.frames < 2 or not tokens:
            return ()
        found = self._model.find_alignment(tokenizer, [list(tokens)], encoded.states, encoded.frames)
        first = int(place * 1000)
        longest = first + encoded.frames * 1000 // FRAMES_PER_S
        words: list[HeardWord] = []
        for item in found[0] if found else []:
            end = min(longest, first + int(item["end"] * 1000))
            if words and not any(map(str.isalnum, item["word"])):  # punctuation belongs to its word
                words[-1] = replace(words[-1], text=words[-1].text + item["word"])
                continue
            start = min(longest, first + int(item["start"] * 1000))
            words.append(HeardWord(item["word"], start, end, float(item["probability"])))
        return tuple(words)


def suppressed(tokenizer: Any) -> tuple[int, ...]:
    """All that is neither text nor a time: in a language of which it knows little, Whisper says its name."""
    return tuple(sorted({*tokenizer.non_speech_tokens, *range(tokenizer.eot + 1, tokenizer.timestamp_begin)}))
