"""faster-whisper on short windows.

CTranslate2's encoder takes as many mel frames as it is given: a window of 3 s costs a fraction of 30 s. The
text stays the same as long as some silence follows the speech; without it words are invented at the edge.
What goes wrong with a short window is that a phrase is said over and over. So a decode is over as soon as its
best hypothesis is, without a penalty on its length; what still looks so is decoded again, with more silence,
and at last in the full window of 30 s that the model was trained on.
"""

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.languages import base, best_match
from dragoman_stt.engines.base import Audio, DecodeOptions, HeardWord, Hypothesis

PAD_S, MORE_PAD_S = 1.5, 3.0  # silence after the speech; when a decode looks wrong
SHORTEST_S = 4.0
TIMED_S = 2.5  # a final that is shorter than this ends better with times of segments, a longer one without
LONGEST_S = 29.5
HINT_TOKENS = 110  # of the vocabulary, and of the context: the decoder has 448 places for all
TOKENS_PER_S = 12  # nobody speaks faster: what is longer is a loop
MAX_COMPRESSION = 2.4  # a text that compresses better repeats itself
NO_SPEECH, NO_SPEECH_LOGPROB = 0.6, -0.8  # "You" is heard in silence with -0.95
WORST_LOGPROB = -1.6
FRAMES_PER_S = 100
SECONDS_PER_TIMESTAMP = 0.02
SHORTEST_REPEAT = 3  # words; shorter repeats are common in real speech
EDGE_S = 0.25  # a segment that begins this close to the end is invented
ENGLISH = "en"
_TAGS = {"jw": "jv"}  # Whisper's codes that are not BCP 47 (any more)
WIDEST_BEAM = 10


class Whisper:
    """A model directory of faster-whisper; `threads` of one decode."""

    name = "whisper"

    def __init__(self, folder: Path, threads: int, workers: int, beam: int, compute_type: str) -> None:
        self._folder = folder
        self._threads = threads
        self._workers = workers
        self._beam = beam
        self._compute_type = compute_type
        self._model: Any = None

    def languages(self) -> list[str]:
        """Whisper's own list, in BCP 47; of the weights that are loaded, once they are."""
        from faster_whisper.tokenizer import _LANGUAGE_CODES

        token_of = self._model.hf_tokenizer.token_to_id if self._model is not None else lambda token: 0
        known = [code for code in _LANGUAGE_CODES if token_of(f"<|{code}|>") is not None]  # Cantonese is new
        return [_TAGS.get(code, code) for code in known]

    def warm(self) -> None:
        """Load the weights and decode a second of silence."""
        from faster_whisper import WhisperModel

        self._model = WhisperModel(
            str(self._folder),
            device="auto",
            compute_type=self._compute_type,
            cpu_threads=self._threads,
            num_workers=self._workers,
            local_files_only=True,
        )
        self.decode(np.zeros(SAMPLE_RATE, np.float32), DecodeOptions(languages=(ENGLISH,), final=True))

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """See `Recogniser.decode`."""
        timed = options.final and len(audio) < TIMED_S * SAMPLE_RATE
        heard = self._decode(audio, options, PAD_S, timed=timed)
        if not suspicious(heard.text):
            return heard
        if not options.final:
            return first_saying(heard)
        for pad_s in (MORE_PAD_S, LONGEST_S):  # said twice, or invented? A fuller window tells.
            heard = self._decode(audio, options, pad_s, timed=True)
            if not suspicious(heard.text):
                break
        return first_saying(heard) if loops(heard.text) else heard

    def _decode(self, audio: Audio, options: DecodeOptions, pad_s: float, *, timed: bool) -> Hypothesis:
        encoded, frames = self._encode(audio, pad_s)
        language, probability = self._language(encoded, options.languages)
        result, tokenizer = self._generate(encoded, audio, language, "transcribe", options, timed)
        text, tokens, logprob = self._text(result, tokenizer, len(audio) / SAMPLE_RATE)
        if not text:
            return Hypothesis("", _TAGS.get(language, language), probability)
        words: tuple[HeardWord, ...] = ()
        if options.final:
            words = self._words(encoded, tokenizer, tokens, frames, len(audio))
        english = ""
        if options.translate and language != ENGLISH:
            translated, tokenizer = self._generate(encoded, audio, language, "translate", options, timed)
            english = self._text(translated, tokenizer, len(audio) / SAMPLE_RATE)[0]
        return Hypothesis(
            text, _TAGS.get(language, language), probability, words, float(np.exp(logprob)), english
        )

    def _encode(self, audio: Audio, pad_s: float) -> tuple[Any, int]:
        seconds = min(LONGEST_S, max(SHORTEST_S, len(audio) / SAMPLE_RATE + pad_s))
        window = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
        used = min(len(audio), len(window))
        window[:used] = audio[:used]
        features = self._model.feature_extractor(window)
        features = features[:, : features.shape[1] // 2 * 2]
        return self._model.encode(features), int(used / SAMPLE_RATE * FRAMES_PER_S)

    def _language(self, encoded: Any, wanted: tuple[str, ...]) -> tuple[str, float]:
        if len(wanted) == 1:
            return _code(wanted[0]), 1.0
        found = [(token[2:-2], p) for token, p in self._model.model.detect_language(encoded)[0]]
        among = set(map(_code, wanted))
        candidates = [(code, p) for code, p in found if not among or code in among]
        total = sum(p for _, p in candidates) or 1.0
        code, p = max(candidates, key=lambda item: item[1])
        return code, float(p / total)

    def _generate(
        self, encoded: Any, audio: Audio, language: str, task: str, options: DecodeOptions, timed: bool
    ) -> tuple[Any, Any]:
        from faster_whisper.tokenizer import Tokenizer

        model = self._model
        tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task=task, language=language)
        hint = tokenizer.decode(tokenizer.encode(", ".join(options.vocabulary))[:HINT_TOKENS])
        previous = tokenizer.encode(" " + options.context.strip())[-HINT_TOKENS:] if options.context else []
        prompt = model.get_prompt(tokenizer, previous, without_timestamps=not timed, hotwords=hint or None)
        limit = int(len(audio) / SAMPLE_RATE * TOKENS_PER_S) + 8
        result = model.model.generate(
            encoded,
            [prompt],
            beam_size=_beam(options.settings, self._beam) if options.final else 1,
            length_penalty=0,  # then CTranslate2 stops at the end of the best hypothesis
            max_length=min(model.max_length, len(prompt) + limit),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=list(_suppressed(tokenizer)),
            max_initial_timestamp_index=50,
        )[0]
        return result, tokenizer

    def _text(self, result: Any, tokenizer: Any, seconds: float) -> tuple[str, list[int], float]:
        """Text, tokens and mean log probability; empty when the guards say that nothing was said."""
        tokens = _within(result.sequences_ids[0], tokenizer, seconds)
        text = tokenizer.decode(tokens).strip()
        logprob = result.scores[0] / max(1, len(result.sequences_ids[0]))
        silent = result.no_speech_prob > NO_SPEECH and logprob < NO_SPEECH_LOGPROB
        if silent or logprob < WORST_LOGPROB or not any(map(str.isalnum, text)):
            return "", [], logprob
        return text, tokens, logprob

    def _words(
        self, encoded: Any, tokenizer: Any, tokens: list[int], frames: int, samples: int
    ) -> tuple[HeardWord, ...]:
        if frames < 2:
            return ()
        found = self._model.find_alignment(tokenizer, [tokens], encoded, frames)
        longest = samples * 1000 // SAMPLE_RATE
        words: list[HeardWord] = []
        for item in found[0] if found else []:
            end = min(longest, int(item["end"] * 1000))
            if words and not any(map(str.isalnum, item["word"])):  # punctuation belongs to its word
                words[-1] = replace(words[-1], text=words[-1].text + item["word"])
                continue
            start = min(longest, int(item["start"] * 1000))
            words.append(HeardWord(item["word"], start, end, float(item["probability"])))
        return tuple(words)


def _beam(settings: dict[str, str], default: int) -> int:
    """The session's own `beam`, where it is one."""
    told = settings.get("beam", "")
    return min(WIDEST_BEAM, int(told[:3])) or default if told.isascii() and told.isdigit() else default


def _within(tokens: list[int], tokenizer: Any, seconds: float) -> list[int]:
    """The text tokens of the segments that begin inside the audio: later ones are invented in the padding."""
    kept: list[int] = []
    inside = True
    for token in tokens:
        if token >= tokenizer.timestamp_begin:
            at = (token - tokenizer.timestamp_begin) * SECONDS_PER_TIMESTAMP
            inside = at < seconds - EDGE_S
        elif inside and token < tokenizer.eot:
            kept.append(token)
    return kept


def repeats_at(words: list[str]) -> int | None:
    """Where a phrase of three words or more is said again at once; None when it is not."""
    bare = ["".join(c for c in word.lower() if c.isalnum()) for word in words]
    for length in range(SHORTEST_REPEAT, len(bare) // 2 + 1):
        for start in range(len(bare) - 2 * length + 1):
            middle = start + length
            if bare[start:middle] == bare[middle : middle + length]:
                return middle
    return None


def suspicious(text: str) -> bool:
    """Whether a text says something again at once: perhaps it was said once."""
    return repeats_at(text.split()) is not None or loops(text)


def first_saying(heard: Hypothesis) -> Hypothesis:
    """Without the repetitions."""
    said = heard.text.split()
    count = repeats_at(said)
    return replace(heard, text=" ".join(said[:count]), words=heard.words[:count])


def loops(text: str) -> bool:
    """Whether a text is one thing over and over."""
    data = text.encode()
    return len(data) > 40 and len(data) / len(zlib.compress(data)) > MAX_COMPRESSION


def _suppressed(tokenizer: Any) -> tuple[int, ...]:
    special = (
        tokenizer.transcribe,
        tokenizer.translate,
        tokenizer.sot,
        tokenizer.sot_prev,
        tokenizer.sot_lm,
    )
    return tuple(sorted({*tokenizer.non_speech_tokens, *special}))


def _code(tag: str) -> str:
    """Whisper's own code of a language: `nb-NO` → `no`, `cmn` → `zh`, `jv` → `jw`."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return best_match(tag, _LANGUAGE_CODES) or base(tag)
